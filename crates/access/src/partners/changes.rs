//! What is written of partners: offers, taking them up, and their end, each with its events on both sides.

use base::{Actor, Cause, OrgId, Origin, PartnerId, Timestamp, UserId, canonical};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::partners::{self, NewPartner, Partner};
use store::users::User;
use store::{Lock, StoredId as _, Tx, Write};

use crate::sessions::goes_on;
use crate::{Visitor, tokens};

/// So many an organization has at most, offers among them.
pub(super) const MOST: u64 = 1_000;
/// So many offers are forgotten at once.
const FORGOTTEN_AT_ONCE: u32 = 500;

/// Whoever owns tokens of an organization, one of its people or a partner's, held until the write ends: nobody who is
/// disabled or gone, or from whom it was withdrawn.
pub(crate) async fn owner_held(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
) -> Result<Option<User>, store::Error> {
    let own = store::users::held(tx, org, user).await?;
    let found = match own {
        Some(own) => Some(own),
        None => match partners::hold_of_user(tx, org, user).await? {
            Some(partner) => store::users::held(tx, partner.home, user).await?,
            None => None,
        },
    };
    Ok(found.filter(|person| person.active))
}

/// What events of a customer tell of somebody who comes from another organization.
pub(crate) fn told_of(partner: &Partner) -> Value {
    json!({
        "id": partner.id,
        "user_name": partner.user_name,
        "organization": { "id": partner.home, "name": partner.home_name },
    })
}

fn event(event_type: &str, id: PartnerId, told: &Value) -> NewEvent {
    NewEvent {
        event_type: event_type.to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "partner".to_owned(),
        resource_id: Some(id.stored()),
        doc: told.to_string(),
    }
}

fn changed(from: Option<&str>, to: Option<&str>) -> Value {
    json!([{ "field": "role", "from": from, "to": to }])
}

pub(super) struct Offer {
    pub(super) org: OrgId,
    pub(super) new: NewPartner,
    pub(super) cause: Cause,
}

pub(super) enum Offered {
    Made,
    Already,
    TooMany,
}

impl Write for Offer {
    type Out = Offered;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Offered, store::Error> {
        let Self { org, new, cause } = self;
        tx.lock(Lock::Feed(*org)).await?;
        tx.lock(Lock::Roles(*org)).await?;
        if let Some(before) = partners::open_offer(tx, *org, new.home, &new.user_key).await? {
            if before.lapses > tx.ambient().now() {
                return Ok(Offered::Already);
            }
            partners::remove(tx, *org, (before.home, before.id)).await?;
        }
        if partners::count(tx, *org).await? >= MOST {
            return Ok(Offered::TooMany);
        }
        partners::insert(tx, *org, new, cause).await?;
        let told = json!({
            "name": new.user_name,
            "organization": { "id": new.home },
            "role": new.role,
            "lapses_at": new.lapses,
        });
        store::events::append(tx, *org, &event("partner_admin_offered", new.id, &told), cause).await?;
        Ok(Offered::Made)
    }
}

pub(super) struct TakeUp {
    pub(super) customer: OrgId,
    pub(super) customer_name: String,
    pub(super) id: PartnerId,
    pub(super) visitor: Visitor,
    pub(super) cause: Cause,
}

pub(super) enum TakenUp {
    Done,
    /// Withdrawn, lapsed, or meant for somebody else.
    Over,
    SignedOut,
}

impl Write for TakeUp {
    type Out = TakenUp;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<TakenUp, store::Error> {
        let (org, home, user) = (self.customer, self.visitor.org, self.visitor.user);
        tx.lock(Lock::Feed(org)).await?;
        let offer = partners::hold(tx, org, self.id).await?;
        let now = tx.ambient().now();
        let open = |offer: &Partner| offer.user.is_none() && offer.home == home && offer.lapses > now;
        let Some(offer) = offer.filter(open) else {
            return Ok(TakenUp::Over);
        };
        let person = store::users::held(tx, home, user).await?;
        if !goes_on(tx, home, (self.visitor.session, user)).await? {
            return Ok(TakenUp::SignedOut);
        }
        let named = canonical::user_name(&offer.user_name);
        let Some(person) =
            person.filter(|person| person.active && canonical::user_name(&person.user_name) == named)
        else {
            return Ok(TakenUp::Over);
        };
        // Whoever was offered it twice, under two names, has it once.
        let before = partners::of_user(tx, org, user).await?;
        if let Some(before) = &before {
            partners::remove(tx, org, (before.home, before.id)).await?;
        }
        partners::take_up(tx, org, (home, self.id), user).await?;
        let changes = changed(
            before.as_ref().map(|before| before.role.as_str()),
            Some(&offer.role),
        );
        let taken = partners::by_id(tx, org, self.id).await?;
        let partner = taken.as_ref().map(told_of);
        let told = json!({ "name": person.user_name, "partner": partner, "changes": changes });
        store::events::append(
            tx,
            org,
            &event("partner_admin_granted", self.id, &told),
            &self.cause,
        )
        .await?;
        let customer = json!({ "id": org, "name": self.customer_name });
        let told = json!({ "name": person.user_name, "customer": customer, "changes": changes });
        store::events::append(
            tx,
            home,
            &event("partner_admin_granted", self.id, &told),
            &self.cause,
        )
        .await?;
        Ok(TakenUp::Done)
    }
}

/// Who ends it.
#[derive(Clone, Copy)]
pub(super) enum By {
    Customer,
    /// The person, of this organization, to whom it was offered or who has it.
    Person(OrgId, UserId),
}

pub(super) struct End {
    pub(super) org: OrgId,
    pub(super) id: PartnerId,
    pub(super) by: By,
    pub(super) cause: Cause,
}

impl Write for End {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let org = self.org;
        tx.lock(Lock::Feed(org)).await?;
        let Some(partner) = partners::hold(tx, org, self.id).await? else {
            return Ok(false);
        };
        if let By::Person(home, user) = self.by
            && (partner.home != home || partner.user.is_some_and(|holder| holder != user))
        {
            return Ok(false);
        }
        partners::remove(tx, org, (partner.home, self.id)).await?;
        let name = &partner.user_name;
        let told = told_of(&partner);
        let Some(user) = partner.user else {
            let (kind, told) = match self.by {
                By::Customer => (
                    "partner_admin_offer_withdrawn",
                    json!({ "name": name, "partner": told }),
                ),
                By::Person(..) => ("partner_admin_declined", json!({ "name": name, "partner": told })),
            };
            store::events::append(tx, org, &event(kind, self.id, &told), &self.cause).await?;
            return Ok(true);
        };
        let changes = changed(Some(&partner.role), None);
        let told = json!({ "name": name, "partner": told, "changes": changes });
        store::events::append(
            tx,
            org,
            &event("partner_admin_revoked", self.id, &told),
            &self.cause,
        )
        .await?;
        self.tell_at_home(tx, &partner, &changes).await?;
        end_tokens(
            tx,
            org,
            (user, name),
            "a partner's role was withdrawn",
            &self.cause,
        )
        .await?;
        Ok(true)
    }
}

impl End {
    /// The partner learns that it is so, and not who of the customer has done it.
    async fn tell_at_home(
        &self,
        tx: &mut Tx<'_>,
        partner: &Partner,
        changes: &Value,
    ) -> Result<(), store::Error> {
        let customer = store::organizations::by_id(tx, self.org).await?;
        let customer = json!({ "id": self.org, "name": customer.map(|customer| customer.name) });
        let told = json!({ "name": partner.user_name, "customer": customer, "changes": changes });
        let cause = match self.by {
            By::Person(..) => self.cause.clone(),
            By::Customer => from_elsewhere(&self.cause),
        };
        let event = event("partner_admin_revoked", self.id, &told);
        store::events::append(tx, partner.home, &event, &cause)
            .await
            .map(drop)
    }
}

/// The same cause as another organization sees it: who it was there, and from where, is not its business.
fn from_elsewhere(cause: &Cause) -> Cause {
    let origin = Origin {
        correlation: cause.correlation,
        client_ip: None,
    };
    Cause::of(Actor::system(), origin)
}

/// Ends all that carries a partner's rights: what he or she has allowed clients, and every token.
async fn end_tokens(
    tx: &mut Tx<'_>,
    org: OrgId,
    (user, name): (UserId, &str),
    reason: &str,
    cause: &Cause,
) -> Result<(), store::Error> {
    let told = json!({ "name": name, "reason": reason });
    let (grants, mut ended) = store::grants::revoke_all_of(tx, org, user, cause).await?;
    let others = store::tokens::valid_of_owner(tx, org, user).await?;
    ended.extend(store::tokens::revoke_all(tx, org, &others, cause).await?);
    tell_of_ended(tx, org, (&grants, &ended), &told, cause).await
}

/// Ends at every customer what somebody has allowed clients, and the tokens that were made by signing in.
pub(crate) async fn end_what_came_of_signing_in(
    tx: &mut Tx<'_>,
    (home, user): (OrgId, UserId),
    told: &Value,
    cause: &Cause,
) -> Result<(), store::Error> {
    let cause = from_elsewhere(cause);
    for org in partners::administered(tx, home, user).await? {
        tx.lock(Lock::Feed(org)).await?;
        let (grants, ended) = store::grants::revoke_all_of(tx, org, user, &cause).await?;
        tell_of_ended(tx, org, (&grants, &ended), told, &cause).await?;
    }
    Ok(())
}

/// Writes an event for each grant and each token that has ended.
pub(crate) async fn tell_of_ended(
    tx: &mut Tx<'_>,
    org: OrgId,
    (grants, ended): (&[base::GrantId], &[base::TokenId]),
    told: &Value,
    cause: &Cause,
) -> Result<(), store::Error> {
    for grant in grants {
        let event = crate::issue::event("oauth_grant_revoke", *grant, told);
        store::events::append(tx, org, &event, cause).await?;
    }
    for token in ended {
        tokens::tell(tx, org, "token_revoke", *token, told, cause).await?;
    }
    Ok(())
}

pub(super) struct Forget {
    pub(super) org: OrgId,
    pub(super) before: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        partners::prune(tx, self.org, self.before, FORGOTTEN_AT_ONCE).await
    }
}
