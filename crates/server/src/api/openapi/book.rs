//! What is said of each endpoint: in a few words, what it takes and what it answers. Who may use it, by which method and
//! path, and with which parameters, is not said here: that is the register's.

use std::collections::BTreeMap;

use http::Method;
use utoipa::ToSchema;

use super::shape::{Shape, named};

/// What goes into an endpoint.
pub enum Body {
    /// May be left out where the shape needs no member.
    Json(Box<Shape>),
    /// A staff file.
    Csv,
}

/// What comes out of it where all went well.
pub enum Answer {
    Nothing,
    Json(Shape),
    /// The same, or a stream of lines for whoever asks for one.
    JsonOrLines(Shape),
}

/// What is said of one endpoint.
pub struct Described {
    pub method: Method,
    /// Below `/api/v1`.
    pub path: &'static str,
    pub summary: &'static str,
    pub body: Option<Body>,
    pub answers: Vec<(u16, Answer)>,
    /// It can contradict what is there.
    pub conflicts: bool,
    /// It is about something that may not be there, though the path does not name it.
    pub can_miss: bool,
}

/// Everything that is said.
#[derive(Default)]
pub struct Book {
    pub endpoints: Vec<Described>,
    /// Shapes by name.
    pub shapes: BTreeMap<String, Shape>,
}

/// One endpoint while it is being described.
pub struct Entry<'b> {
    book: &'b mut Book,
    at: usize,
}

impl Book {
    pub fn get(&mut self, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.entry(Method::GET, path, summary)
    }

    pub fn post(&mut self, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.entry(Method::POST, path, summary)
    }

    pub fn put(&mut self, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.entry(Method::PUT, path, summary)
    }

    pub fn patch(&mut self, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.entry(Method::PATCH, path, summary)
    }

    pub fn delete(&mut self, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.entry(Method::DELETE, path, summary)
    }

    fn entry(&mut self, method: Method, path: &'static str, summary: &'static str) -> Entry<'_> {
        self.endpoints.push(Described {
            method,
            path,
            summary,
            body: None,
            answers: Vec::new(),
            conflicts: false,
            can_miss: false,
        });
        let at = self.endpoints.len() - 1;
        Entry { book: self, at }
    }

    /// Describes a shape under a name, by which others refer to it.
    pub fn shape(&mut self, name: &str, shape: Shape) {
        let before = self.shapes.insert(name.to_owned(), shape);
        debug_assert!(before.is_none(), "two shapes are called {name}");
    }
}

impl Entry<'_> {
    fn here(&mut self) -> &mut Described {
        &mut self.book.endpoints[self.at]
    }

    /// Takes what the handler reads its body into.
    pub fn takes<T: ToSchema>(mut self) -> Self {
        let mut used = Vec::new();
        T::schemas(&mut used);
        self.book.shapes.extend(used);
        self.book.shapes.insert(T::name().into_owned(), T::schema());
        self.here().body = Some(Body::Json(Box::new(named(&T::name()))));
        self
    }

    /// Takes a body of this shape.
    pub fn takes_shape(mut self, shape: Shape) -> Self {
        self.here().body = Some(Body::Json(Box::new(shape)));
        self
    }

    /// Takes a staff file.
    pub fn takes_csv(mut self) -> Self {
        self.here().body = Some(Body::Csv);
        self
    }

    pub fn answers(mut self, status: u16, shape: Shape) -> Self {
        self.here().answers.push((status, Answer::Json(shape)));
        self
    }

    /// Answers so, or in lines.
    pub fn answers_or_streams(mut self, status: u16, shape: Shape) -> Self {
        self.here().answers.push((status, Answer::JsonOrLines(shape)));
        self
    }

    /// Answers without a body.
    pub fn answers_nothing(mut self, status: u16) -> Self {
        self.here().answers.push((status, Answer::Nothing));
        self
    }

    /// What it is about may not be there, though the path does not name it: 404.
    pub fn may_be_missing(mut self) -> Self {
        self.here().can_miss = true;
        self
    }

    /// It can contradict what is there: 409.
    pub fn may_conflict(mut self) {
        self.here().conflicts = true;
    }
}
