//! `zhaoren keys` and `zhaoren tenants`: who may come in.

use std::io::Write;

use serde_json::json;
use zhaoren_engine::{
    Home, KeyRecord, Moment, Principal, Records, Role, Tenant, moment_in_china, now, start_of,
};

use crate::Outcome;
use crate::args::{KeysWork, TenantsWork};
use crate::commands::CannotRun;

/// `zhaoren keys`
pub(crate) fn keys(home: &Home, json: bool, work: &KeysWork) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    match work {
        KeysWork::Add { role, name, tenant, expires } => {
            let records = Records::open(home)?;
            let who = Principal::local();
            let role = Role::named(role).ok_or("没有这个角色")?;
            let expires = expires.map(start_of);
            let (key, secret) = records.add_key(&who.act(now()), tenant, role, name, expires)?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&json!({"key": key, "secret": secret}))?)?;
            } else {
                writeln!(out, "{secret}")?;
                tell!("密钥 {}（{}）已建立。内容只显示这一次，登记库只存其摘要", key.id, role.title());
            }
        }
        KeysWork::List => {
            let keys = Records::open_existing(home)?.keys("")?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&keys)?)?;
            } else {
                for key in &keys {
                    one_key(&mut out, key)?;
                }
            }
        }
        KeysWork::Revoke { id } => {
            Records::open_existing(home)?.revoke_key(&Principal::local().act(now()), id)?;
            if json {
                writeln!(out, "{}", json!({"revoked": id}))?;
            } else {
                writeln!(out, "密钥 {id} 已吊销")?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn one_key(out: &mut dyn Write, key: &KeyRecord) -> std::io::Result<()> {
    let moment = |moment: i64| moment_in_china(Moment(moment));
    let until = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("{} 吊销", moment(at)),
        (None, Some(at)) => format!("{} 失效", moment(at)),
        (None, None) => "长期".to_owned(),
    };
    let role = Role::named(&key.role).map_or(key.role.clone(), |role| role.title().to_owned());
    let tenant = if key.tenant.is_empty() { "（全局）" } else { &key.tenant };
    writeln!(out, "{}  {role}  {tenant}  {}  建立于 {}  {until}", key.id, key.name, moment(key.created_at))
}

/// `zhaoren tenants`
pub(crate) fn tenants(home: &Home, json: bool, work: &TenantsWork) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    match work {
        TenantsWork::Add { id, name, level, parent } => {
            let tenant =
                Tenant { id: id.clone(), name: name.clone(), level: level.clone(), parent: parent.clone() };
            Records::open(home)?.put_tenant(&Principal::local().act(now()), &tenant)?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&tenant)?)?;
            } else {
                writeln!(out, "租户 {id}（{name}）已写入")?;
            }
        }
        TenantsWork::List => {
            let tenants = Records::open_existing(home)?.tenants()?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&tenants)?)?;
            } else {
                for tenant in &tenants {
                    let parent = if tenant.parent.is_empty() {
                        String::new()
                    } else {
                        format!("  上级 {}", tenant.parent)
                    };
                    writeln!(out, "{}  {}  {}{parent}", tenant.id, tenant.name, tenant.level)?;
                }
            }
        }
    }
    Ok(Outcome::Done)
}
