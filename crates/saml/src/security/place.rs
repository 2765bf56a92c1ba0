//! What is asked of a signature before anything is computed: where it stands, and what it is made of (SAML core §5.4).

use super::algorithm::{ENVELOPED, EXC_C14N};
use super::{Algorithms, DigestAlgorithm, SignatureAlgorithm, SignatureError};
use crate::names::ns;
use crate::xml::{Document, Node};

/// A signature that is made as it should be, and the element that it says it signs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'d> {
    pub signature: Node<'d>,
    pub signed: Node<'d>,
    pub algorithm: SignatureAlgorithm,
}

/// All signatures of a document; one that is not as it should be refuses the document.
pub(super) fn signatures<'d>(
    document: &'d Document<'_>,
    algorithms: &Algorithms,
) -> Result<Vec<Placed<'d>>, SignatureError> {
    let root = document.root();
    let mut found: Vec<Placed<'d>> = Vec::new();
    for node in root.with_descendants() {
        // Also one that only looks like a signature, in case somebody goes by the name alone.
        if node.local_name() != "Signature" {
            continue;
        }
        let parent = node.parent();
        let signed = parent
            .filter(|_| node.namespace() == ns::DSIG)
            .filter(|parent| may_be_signed(*parent, root));
        let Some(signed) = signed else {
            return Err(SignatureError::Place(
                parent.map_or("", Node::local_name).to_owned(),
            ));
        };
        if found.iter().any(|other| other.signed.id() == signed.id()) {
            return Err(SignatureError::Several(signed.local_name().to_owned()));
        }
        let before = signed.elements().take_while(|child| child.id() != node.id());
        if before.into_iter().any(|child| !child.is(ns::ASSERTION, "Issuer")) {
            return Err(SignatureError::Place(signed.local_name().to_owned()));
        }
        found.push(Placed {
            signature: node,
            signed,
            algorithm: made_as_it_should_be(node, signed, algorithms)?,
        });
    }
    Ok(found)
}

/// Messages as a whole, and assertions right within a response.
fn may_be_signed(node: Node<'_>, root: Node<'_>) -> bool {
    if node.id() == root.id() {
        return true;
    }
    let in_root = node.parent().is_some_and(|parent| parent.id() == root.id());
    in_root && node.is(ns::ASSERTION, "Assertion") && root.is(ns::PROTOCOL, "Response")
}

fn structure(what: impl Into<String>) -> SignatureError {
    SignatureError::Structure(what.into())
}

fn algorithm_of(node: Node<'_>) -> Result<&str, SignatureError> {
    node.attr("Algorithm")
        .ok_or_else(|| structure(format!("{} names no algorithm", node.local_name())))
}

/// The children of `node`, which must be these and no others, but for the last ones that are optional.
fn parts<'d, const N: usize>(
    node: Node<'d>,
    names: [&'static str; N],
    needed: usize,
) -> Result<[Option<Node<'d>>; N], SignatureError> {
    let mut found = [None; N];
    let mut count = 0;
    for child in node.elements() {
        if count == N || !child.is(ns::DSIG, names[count]) {
            return Err(structure(format!(
                "{} in {}",
                child.local_name(),
                node.local_name()
            )));
        }
        found[count] = Some(child);
        count += 1;
    }
    if count < needed {
        return Err(structure(format!(
            "{} has no {}",
            node.local_name(),
            names[count]
        )));
    }
    Ok(found)
}

fn part<'d>(found: Option<Node<'d>>, name: &str) -> Result<Node<'d>, SignatureError> {
    found.ok_or_else(|| structure(format!("no {name}")))
}

fn made_as_it_should_be(
    signature: Node<'_>,
    signed: Node<'_>,
    algorithms: &Algorithms,
) -> Result<SignatureAlgorithm, SignatureError> {
    if !signature.is_plain() {
        return Err(structure("comments, processing instructions or stray text in it"));
    }
    let [info, value, _key_info] = parts(signature, ["SignedInfo", "SignatureValue", "KeyInfo"], 2)?;
    let info = part(info, "SignedInfo")?;
    // The library goes by local names: of two attributes, it might take the other one.
    let has_foreign = |node: &Node<'_>| node.has_qualified_attributes();
    if has_foreign(&signature) || info.with_descendants().iter().any(has_foreign) {
        return Err(structure("attributes in namespaces"));
    }
    if part(value, "SignatureValue")?.elements().next().is_some() {
        return Err(structure("elements in SignatureValue"));
    }

    let references = info.children(ns::DSIG, "Reference").count();
    if references != 1 {
        return Err(SignatureError::References(references));
    }
    let [canonicalization, method, reference] = parts(
        info,
        ["CanonicalizationMethod", "SignatureMethod", "Reference"],
        3,
    )?;

    let canonicalization = part(canonicalization, "CanonicalizationMethod")?;
    let uri = algorithm_of(canonicalization)?;
    if uri != EXC_C14N {
        return Err(SignatureError::Canonicalization(uri.to_owned()));
    }
    only_prefixes_within(canonicalization)?;

    let method = part(method, "SignatureMethod")?;
    let uri = algorithm_of(method)?;
    let algorithm = SignatureAlgorithm::from_uri(uri)
        .filter(|algorithm| algorithms.signatures.contains(algorithm))
        .ok_or_else(|| SignatureError::Algorithm(uri.to_owned()))?;
    if method.elements().next().is_some() {
        return Err(structure("parameters in SignatureMethod"));
    }

    refers_to(part(reference, "Reference")?, signed, algorithms)?;
    Ok(algorithm)
}

fn refers_to(reference: Node<'_>, signed: Node<'_>, algorithms: &Algorithms) -> Result<(), SignatureError> {
    // No URI at all is somebody else's convention; an empty one is the whole document, whatever that is.
    let uri = reference.attr("URI").unwrap_or_default();
    let id = signed.attr("ID").filter(|id| crate::xml::is_ncname(id));
    if id.is_none_or(|id| uri.strip_prefix('#') != Some(id)) {
        return Err(SignatureError::Reference(uri.chars().take(200).collect()));
    }
    let [transforms, method, value] = parts(reference, ["Transforms", "DigestMethod", "DigestValue"], 3)
        .map_err(|error| match reference.children(ns::DSIG, "Transforms").count() {
            0 => SignatureError::Transforms("none".to_owned()),
            _ => error,
        })?;

    let transforms: Vec<Node<'_>> = part(transforms, "Transforms")?.elements().collect();
    let mut uris = Vec::new();
    for transform in &transforms {
        if !transform.is(ns::DSIG, "Transform") {
            return Err(SignatureError::Transforms(transform.local_name().to_owned()));
        }
        uris.push(algorithm_of(*transform)?);
    }
    let [first, second] = transforms[..] else {
        return Err(SignatureError::Transforms(uris.join(" ")));
    };
    if uris != [ENVELOPED, EXC_C14N] || first.elements().next().is_some() {
        return Err(SignatureError::Transforms(uris.join(" ")));
    }
    only_prefixes_within(second)?;

    let method = part(method, "DigestMethod")?;
    let uri = algorithm_of(method)?;
    let allowed =
        DigestAlgorithm::from_uri(uri).is_some_and(|algorithm| algorithms.digests.contains(&algorithm));
    if !allowed {
        return Err(SignatureError::Digest(uri.to_owned()));
    }
    if method.elements().next().is_some() || part(value, "DigestValue")?.elements().next().is_some() {
        return Err(structure("elements in DigestMethod or DigestValue"));
    }
    Ok(())
}

/// Exclusive canonicalization knows one parameter: prefixes that are treated as the inclusive one does.
fn only_prefixes_within(node: Node<'_>) -> Result<(), SignatureError> {
    let mut children = node.elements();
    let first = children.next();
    let well = first.is_none_or(|list| {
        list.is(ns::EXC_C14N, "InclusiveNamespaces")
            && list.elements().next().is_none()
            && list.text().as_deref() == Ok("")
    });
    if !well || children.next().is_some() {
        return Err(structure(format!("parameters in {}", node.local_name())));
    }
    Ok(())
}
