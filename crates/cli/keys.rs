//! `zhaoren keys` and `zhaoren tenants`: access to the HTTP API and the console.

use std::io::Write;

use serde_json::{Value, json};
use zhaoren_engine::{
    Home, KeyRecord, KeyState, LOCAL, Moment, NewKey, Principal, Records, Role, Tenant, key_json,
    moment_in_china, now, start_of,
};

use crate::args::{KeysWork, TenantsWork};
use crate::exit::{CannotRun, Outcome};

/// `zhaoren keys`
pub(crate) fn keys(home: &Home, json: bool, work: &KeysWork) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    match work {
        KeysWork::Add { role, name, holder, tenant, expires } => {
            let records = Records::open(home)?;
            let who = Principal::local();
            let role = Role::from_name(role).ok_or("没有这个角色")?;
            let expires_at = expires.map(start_of);
            let new = NewKey { tenant, role, name, holder: holder.as_deref(), expires_at };
            let (key, secret) = records.issue_key(&who.write_context(now()), &new)?;
            if json {
                let shown = json!({"key": key_json(&key), "secret": secret});
                writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
            } else {
                writeln!(out, "{secret}")?;
                tell!("密钥 {}（{}）已建立。内容只显示这一次，登记库只存其摘要", key.id, role.title());
            }
        }
        KeysWork::List => {
            let keys = Records::open_existing(home)?.keys("")?;
            if json {
                let shown: Vec<Value> = keys.iter().map(key_json).collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
            } else {
                for key in &keys {
                    one_key(&mut out, key)?;
                }
            }
        }
        KeysWork::Confirm { id } => {
            let key =
                Records::open_existing(home)?.confirm_key(&Principal::local().write_context(now()), id)?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&key_json(&key))?)?;
            } else {
                writeln!(out, "密钥 {id}（{}）已确认，可以使用", key.holder)?;
            }
        }
        KeysWork::Waive => {
            Records::open_existing(home)?.waive_keys(&Principal::local().write_context(now()))?;
            if json {
                writeln!(out, "{}", json!({"waived": true}))?;
            } else {
                writeln!(out, "已免用密钥：只在本机监听的服务不再要求密钥，直到再建密钥")?;
            }
        }
        KeysWork::Revoke { id } => {
            let (records, who) = (Records::open_existing(home)?, Principal::local());
            records.revoke_key(&who.write_context(now()), id)?;
            if records.key_state(now())? == KeyState::NoneValid {
                tell!("已没有可用的密钥：服务对所有请求答 401，直到用 keys add 新建");
            }
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
        _ if key.pending && key.revoked_at.is_none() => "待另一位管理员确认".to_owned(),
        (Some(at), _) => format!("{} 吊销", moment(at)),
        (None, Some(at)) => format!("{} 失效", moment(at)),
        (None, None) => "长期".to_owned(),
    };
    let role = Role::from_name(&key.role).map_or(key.role.clone(), |role| role.title().to_owned());
    let tenant = if key.tenant.is_empty() { "（全局）" } else { &key.tenant };
    let created_by = match key.created_by.as_str() {
        "" | LOCAL => String::new(),
        _ if key.is_self_issued() => "  由本人签发".to_owned(),
        by => format!("  由 {by} 签发"),
    };
    let confirmed_by = match key.confirmed_by.as_str() {
        "" => String::new(),
        LOCAL => "  已在本机确认".to_owned(),
        by => format!("  {by} 已确认"),
    };
    writeln!(
        out,
        "{}  {role}  {tenant}  {}  持有人 {}  建立于 {}  {until}{created_by}{confirmed_by}",
        key.id,
        key.name,
        key.holder,
        moment(key.created_at)
    )
}

/// `zhaoren tenants`
pub(crate) fn tenants(home: &Home, json: bool, work: &TenantsWork) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    match work {
        TenantsWork::Add { id, name, level, parent } => {
            let tenant =
                Tenant { id: id.clone(), name: name.clone(), level: level.clone(), parent: parent.clone() };
            Records::open(home)?.put_tenant(&Principal::local().write_context(now()), &tenant)?;
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
