//! Which operations refer to each other in a circle: strongly connected components, by Tarjan's algorithm.

pub struct Circles {
    edges: Vec<Vec<usize>>,
    /// When a node was first seen, and the earliest that can be reached from it; from 1.
    seen: Vec<usize>,
    low: Vec<usize>,
    waiting: Vec<usize>,
    is_waiting: Vec<bool>,
    clock: usize,
    found: Vec<Vec<usize>>,
}

impl Circles {
    /// The circles of a graph, given where each node points, each behind those to which it points.
    pub fn find(edges: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let nodes = edges.len();
        let mut circles = Self {
            edges,
            seen: vec![0; nodes],
            low: vec![0; nodes],
            waiting: Vec::new(),
            is_waiting: vec![false; nodes],
            clock: 0,
            found: Vec::new(),
        };
        for node in 0..nodes {
            if circles.seen[node] == 0 {
                circles.walk(node);
            }
        }
        circles.found
    }

    /// Without recursion: a request can be a chain of a thousand.
    fn walk(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if let Some(&target) = self.edges[node].get(*next) {
                *next += 1;
                if self.seen[target] == 0 {
                    self.enter(target);
                    path.push((target, 0));
                } else if self.is_waiting[target] {
                    self.low[node] = self.low[node].min(self.seen[target]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                self.low[*parent] = self.low[*parent].min(self.low[node]);
            }
            if self.low[node] == self.seen[node] {
                self.leave(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.clock += 1;
        (self.seen[node], self.low[node]) = (self.clock, self.clock);
        self.waiting.push(node);
        self.is_waiting[node] = true;
    }

    fn leave(&mut self, node: usize) {
        let start = self
            .waiting
            .iter()
            .rposition(|one| *one == node)
            .unwrap_or_default();
        let mut circle = self.waiting.split_off(start);
        for one in &circle {
            self.is_waiting[*one] = false;
        }
        circle.sort_unstable();
        self.found.push(circle);
    }
}
