//! What is set and cannot work as it stands.

use base::Message;

use crate::app::App;
use crate::provisioning::Provisioning;

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
    pub fn warnings(&self, app: &App) -> Vec<Message> {
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
}
