//! Tokens of the organization that the own token opens, at a server.

use base::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CreateArgs, Created, Listed, RollArgs, Rolled, question};
use crate::client::Client;
use crate::confirm::confirm;
use crate::output::read;
use crate::secrets::Disclosed;

/// One more token of whoever the own token belongs to.
pub(super) async fn create(server: &Client, args: &CreateArgs) -> anyhow::Result<Created> {
    #[derive(Deserialize)]
    struct Made {
        id: String,
        token: String,
        expires_at: String,
    }
    let mut body = json!({ "name": args.name, "days": args.days });
    if !args.scopes.is_empty() {
        body["scopes"] = json!(args.scopes);
    }
    let made: Made = read(&server.post_json(&["tokens"], &body).await?)?;
    Ok(Created {
        id: made.id,
        token: Disclosed(Secret::new(made.token)),
        expires_at: made.expires_at,
    })
}

pub(super) async fn roll(server: &Client, args: &RollArgs) -> anyhow::Result<Rolled> {
    #[derive(Deserialize)]
    struct Made {
        id: String,
        token: String,
        expires_at: String,
        former_expires_at: String,
    }
    let body = json!({ "overlap_hours": args.overlap_hours, "days": args.days });
    let path = ["tokens", &args.which, "successor"];
    let made: Made = read(&server.post_json(&path, &body).await?)?;
    Ok(Rolled {
        id: made.id,
        token: Disclosed(Secret::new(made.token)),
        expires_at: made.expires_at,
        former_expires_at: made.former_expires_at,
    })
}

pub(super) async fn list(server: &Client) -> anyhow::Result<Vec<Listed>> {
    let tokens = server.list_all(&["tokens"], &[]).await?;
    tokens.iter().map(listed).collect()
}

pub(super) async fn revoke(server: &Client, token: &str, yes: bool) -> anyhow::Result<Listed> {
    let path = ["tokens", token];
    let found = listed(&server.get(&path, &[]).await?)?;
    confirm(yes.into(), &question(&found.name))?;
    server.delete(&path, &[]).await?;
    if found.revoked_at.is_some() {
        return Ok(found);
    }
    // With its own token revoked nobody is told any more how it stands.
    match server.get(&path, &[]).await {
        Ok(answer) => listed(&answer),
        Err(_) => Ok(Listed {
            state: "revoked".to_owned(),
            ..found
        }),
    }
}

/// As the database's tokens are listed.
fn listed(answer: &Value) -> anyhow::Result<Listed> {
    #[derive(Deserialize)]
    struct Token {
        id: String,
        name: String,
        state: String,
        owner: Option<Owner>,
        scopes: Vec<String>,
        created_at: String,
        expires_at: Option<String>,
        warning: Option<u32>,
        last_used_at: Option<String>,
        revoked_at: Option<String>,
    }
    #[derive(Deserialize)]
    struct Owner {
        id: String,
        user_name: Option<String>,
    }
    let token: Token = read(answer)?;
    Ok(Listed {
        id: token.id,
        name: token.name,
        state: token.state,
        owner: token.owner.map(|owner| owner.user_name.unwrap_or(owner.id)),
        scopes: token.scopes,
        created_at: token.created_at,
        expires_at: token.expires_at,
        warning: token.warning,
        last_used_at: token.last_used_at,
        revoked_at: token.revoked_at,
    })
}
