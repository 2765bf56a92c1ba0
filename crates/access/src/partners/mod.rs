//! People of other organizations, partners, who administer this one (their customer): offered by one of its own full
//! administrators, taken up by the person, judged anew at each request.
//!
//! An offer names an organization by its id and a person by the userName there. Whether there are such an organization and
//! such a person is told to nobody: the answer is the same, and the offer waits for whoever signs in there under this name.
//! Once it is taken up it is that person's, whatever he or she is called later.

mod changes;

use std::time::Duration;

use base::{Cause, OrgId, PartnerId, Timestamp, UserId, canonical};
use store::partners::{self, NewPartner, Partner};

use crate::registered::is_name;
use crate::{Access, Error, Role, Visit, Visitor};
use changes::{By, End, Forget, MOST, Offer, Offered, TakeUp, TakenUp};
pub(crate) use changes::{end_what_came_of_signing_in, owner_held, tell_of_ended, told_of};

/// How long an offer can be taken up.
const LAPSES: Duration = Duration::from_hours(30 * 24);
/// Of so many customers a person is told.
const SHOWN: u32 = 200;

/// Somebody of another organization who administers this one, or has been asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerView {
    pub id: PartnerId,
    /// The organization that the person belongs to.
    pub home: OrgId,
    /// Of somebody who has taken it up.
    pub home_name: Option<String>,
    pub user_name: String,
    pub user: Option<UserId>,
    pub role: Role,
    pub standing: PartnerStanding,
    pub offered: Timestamp,
    pub lapses: Timestamp,
    pub taken_up: Option<Timestamp>,
}

/// Whether a partner can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerStanding {
    /// Nobody has taken it up yet.
    Offered,
    /// Nobody has in time.
    Lapsed,
    Active,
    /// The person is disabled or gone at home.
    Suspended,
}

impl PartnerStanding {
    pub const ALL: [Self; 4] = [Self::Offered, Self::Lapsed, Self::Active, Self::Suspended];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Lapsed => "lapsed",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// An organization that somebody of another one administers, or has been asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub org: OrgId,
    pub name: String,
    pub partner: PartnerId,
    pub role: Role,
    pub lapses: Timestamp,
    pub taken_up: Option<Timestamp>,
}

impl Access {
    /// Offers somebody of another organization to be a full administrator of this one.
    pub async fn offer(
        &self,
        cause: &Cause,
        org: OrgId,
        home: OrgId,
        user_name: &str,
    ) -> Result<PartnerView, Error> {
        let user_name = user_name.trim();
        if !is_name(user_name) {
            return Err(Error::PartnerName);
        }
        if home == org {
            return Err(Error::OwnOrganization);
        }
        let new = NewPartner {
            id: self.ambient.id(),
            home,
            user_name: user_name.to_owned(),
            user_key: canonical::user_name(user_name),
            role: Role::FullAdmin.name().to_owned(),
            lapses: self.ambient.now() + LAPSES,
        };
        let id = new.id;
        let write = Offer {
            org,
            new,
            cause: cause.clone(),
        };
        match self.store.write(write).await? {
            Offered::Made => self.partner(org, id).await,
            Offered::Already => Err(Error::AlreadyOffered),
            Offered::TooMany => Err(Error::TooManyPartners { most: MOST }),
        }
    }

    /// A page of an organization's partners, the oldest first.
    pub async fn partners(
        &self,
        org: OrgId,
        after: Option<PartnerId>,
        limit: u32,
    ) -> Result<Vec<PartnerView>, Error> {
        let page = partners::page(&mut self.store.reader(), org, after, limit).await?;
        Ok(page
            .into_iter()
            .map(|partner| self.partner_view(partner))
            .collect())
    }

    pub async fn partner(&self, org: OrgId, id: PartnerId) -> Result<PartnerView, Error> {
        let found = partners::by_id(&mut self.store.reader(), org, id).await?;
        let partner = found.ok_or(Error::UnknownPartner)?;
        Ok(self.partner_view(partner))
    }

    fn partner_view(&self, partner: Partner) -> PartnerView {
        let standing = match partner.user {
            Some(_) if partner.active => PartnerStanding::Active,
            Some(_) => PartnerStanding::Suspended,
            None if partner.lapses > self.ambient.now() => PartnerStanding::Offered,
            None => PartnerStanding::Lapsed,
        };
        PartnerView {
            id: partner.id,
            home: partner.home,
            home_name: partner.home_name,
            user_name: partner.user_name,
            user: partner.user,
            role: role(&partner.role),
            standing,
            offered: partner.offered,
            lapses: partner.lapses,
            taken_up: partner.taken_up,
        }
    }

    /// Takes back what was offered, or taken up: all tokens that carry the person's rights here end for good.
    pub async fn withdraw_partner(&self, cause: &Cause, org: OrgId, id: PartnerId) -> Result<(), Error> {
        let write = End {
            org,
            id,
            by: By::Customer,
            cause: cause.clone(),
        };
        self.end_partner(write).await
    }

    /// What is for whoever is signed in: the organizations that he or she administers for others, and offers of that.
    pub async fn customers(&self, visitor: &Visitor) -> Result<Vec<Customer>, Error> {
        let key = canonical::user_name(&visitor.user_name);
        let now = self.ambient.now();
        let whom = (visitor.user, key.as_str());
        let found = partners::customers(&mut self.store.reader(), visitor.org, whom, now, SHOWN).await?;
        let customer = |found: partners::Customer| Customer {
            org: found.org,
            name: found.name,
            partner: found.partner,
            role: role(&found.role),
            lapses: found.lapses,
            taken_up: found.taken_up,
        };
        Ok(found.into_iter().map(customer).collect())
    }

    /// The same without what is only offered.
    pub async fn administered(&self, visitor: &Visitor) -> Result<Vec<Customer>, Error> {
        let mut customers = self.customers(visitor).await?;
        customers.retain(|customer| customer.taken_up.is_some());
        Ok(customers)
    }

    /// Takes up what was offered to whoever is signed in.
    pub async fn take_up(&self, visit: &Visit, visitor: &Visitor, id: PartnerId) -> Result<(), Error> {
        let customer = self.customer_of(visitor, id).await?;
        let write = TakeUp {
            customer: customer.org,
            customer_name: customer.name,
            id,
            visitor: visitor.clone(),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        match self.store.write(write).await? {
            TakenUp::Done => Ok(()),
            TakenUp::Over => Err(Error::UnknownPartner),
            TakenUp::SignedOut => Err(Error::SignInOver),
        }
    }

    /// Declines an offer, or gives up what was taken up.
    pub async fn give_up(&self, visit: &Visit, visitor: &Visitor, id: PartnerId) -> Result<(), Error> {
        let customer = self.customer_of(visitor, id).await?;
        let write = End {
            org: customer.org,
            id,
            by: By::Person(visitor.org, visitor.user),
            cause: visit.cause(visitor.user, &visitor.user_name),
        };
        self.end_partner(write).await
    }

    async fn customer_of(&self, visitor: &Visitor, id: PartnerId) -> Result<Customer, Error> {
        let customers = self.customers(visitor).await?;
        let found = customers.into_iter().find(|customer| customer.partner == id);
        found.ok_or(Error::UnknownPartner)
    }

    async fn end_partner(&self, write: End) -> Result<(), Error> {
        if self.store.write(write).await? {
            Ok(())
        } else {
            Err(Error::UnknownPartner)
        }
    }

    /// Forgets offers that nobody took up in time.
    pub async fn forget_offers(&self, org: OrgId) -> Result<u64, Error> {
        let before = self.ambient.now() - LAPSES;
        Ok(self.store.write(Forget { org, before }).await?)
    }
}

fn role(name: &str) -> Role {
    name.parse().unwrap_or(Role::None)
}
