//! What is set and cannot work as it stands, and what should be so before an app begins to work.

use base::{Message, OrgId};
use mapping::Source;
use scim::sort::ABSENT;

use crate::app::App;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::{GroupScope, Template};
use crate::target::has_no_groups;

/// What the vendors' guides want of the other side before provisioning is activated, by preset. Nothing of it can be asked
/// over SCIM.
const WANTED_BEFORE: &[(&str, &str)] = &[
    ("webex-jumpcloud", "activate.saml_first"),
    ("webex-okta", "activate.licence_template"),
];

/// By which names mappings read a person's userName as it is.
const USER_NAMES: &[&str] = &["userPrincipalName", "userName", "user.login", "username"];

/// Whether mail leaves the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailService {
    #[default]
    Configured,
    /// No mail server is configured: mail waits, and is given up in the end.
    Missing,
}

impl Provisioning {
    /// What an admin should know of an app's settings.
    pub async fn warnings(&self, org: OrgId, app: &App) -> Result<Vec<Message>, Error> {
        let mut warnings = self.notice_warnings(app);
        if app.settings.groups != GroupScope::Off {
            let ways = self.read_ways(org, app).await?;
            if ways.denies_groups() {
                warnings.push(Message::new("groups.denied"));
            } else if has_no_groups(&app.settings.base_url) && !ways.has_groups() {
                warnings.push(Message::new("groups.undocumented"));
            }
        }
        Ok(warnings)
    }

    /// Of telling people by mail.
    fn notice_warnings(&self, app: &App) -> Vec<Message> {
        let settings = &app.settings;
        let mut warnings = Vec::new();
        if settings.notify && settings.notification_email.is_empty() {
            warnings.push(Message::new("notify.no_address"));
        }
        if settings.notified().is_some() && self.mail == MailService::Missing {
            let message = Message::new("notify.no_mail_server");
            warnings.push(message.with("email", &settings.notification_email));
        }
        warnings
    }

    /// The same, and what an admin should see to before the app creates accounts.
    pub async fn activation_warnings(&self, org: OrgId, app: &App) -> Result<Vec<Message>, Error> {
        let mut warnings = self.warnings(org, app).await?;
        let wanted = WANTED_BEFORE
            .iter()
            .find(|(preset, _)| *preset == app.settings.preset);
        warnings.extend(wanted.map(|(_, code)| Message::new(*code)));
        if app.template == Template::Webex && self.matches_by_user_name(org, app).await? {
            let mut reader = self.reader();
            let count = store::users::count_named_otherwise(&mut reader, org, app.id, ABSENT).await?;
            if count > 0 {
                warnings.push(Message::new("activate.user_name_not_email").with("count", count));
            }
        }
        Ok(warnings)
    }

    /// Those of activating as long as the app has not begun; then only those of its settings.
    pub async fn standing_warnings(&self, org: OrgId, app: &App) -> Result<Vec<Message>, Error> {
        if app.started {
            return self.warnings(org, app).await;
        }
        self.activation_warnings(org, app).await
    }

    /// Whether accounts are found by the person's own userName.
    async fn matches_by_user_name(&self, org: OrgId, app: &App) -> Result<bool, Error> {
        let table = self.mapping_table(org, app).await?;
        Ok(table.set().matching().iter().any(|row| {
            mapping::same_target(&row.target, "userName")
                && matches!(&row.source, Source::Attribute(read)
                    if USER_NAMES.iter().any(|name| name.eq_ignore_ascii_case(read)))
        }))
    }
}
