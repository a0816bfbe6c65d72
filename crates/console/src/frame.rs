//! Layout of every page: header, navigation and footer.

use maud::{DOCTYPE, Markup, html};

use crate::{ICON_ADDRESS, Page, SCRIPT_ADDRESS, STYLE_ADDRESS};

/// Navigation section of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// 检索.
    Search,
    /// 匹配.
    Match,
    /// 企业.
    Enterprises,
    /// 读文件.
    Read,
    /// 推送.
    Runs,
    /// 审核.
    Review,
    /// 审计.
    Audit,
    /// None of these.
    Other,
}

/// Viewer of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// True if signed in; otherwise the navigation is hidden.
    pub signed_in: bool,
    /// Display name; empty where sign-in is not required.
    pub name: String,
    /// Name of the role.
    pub role: String,
    /// Name of the tenant; empty for the operator.
    pub tenant: String,
    /// True if allowed to propose changes of conditions.
    pub can_propose: bool,
    /// True if allowed to approve the proposals of others.
    pub can_review: bool,
    /// True if allowed to read stored facts of enterprises.
    pub can_look_up: bool,
    /// True if allowed to see push runs.
    pub can_see_runs: bool,
    /// True if allowed to read the audit trail.
    pub can_audit: bool,
}

/// Renders a whole page. `title` is the window title; `body` includes the page's own heading.
pub(crate) fn layout(title: &str, place: Section, viewer: &Viewer, body: &Markup) -> Page {
    let way = |to: Section, address: &str, name: &str| {
        html! {
            li { a href=(address) aria-current=[(to == place).then_some("page")] { (name) } }
        }
    };
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · 政策找人" }
                link rel="stylesheet" href=(STYLE_ADDRESS);
                link rel="icon" type="image/svg+xml" href=(ICON_ADDRESS);
                script src=(SCRIPT_ADDRESS) defer {}
            }
            body {
                a.skip href="#main" { "跳到正文" }
                header.top { div.across {
                    a.brand href="/" { "政策找人" }
                    @if viewer.signed_in {
                        nav aria-label="主导航" {
                            ul {
                                (way(Section::Search, "/", "检索"))
                                (way(Section::Match, "/match", "匹配"))
                                @if viewer.can_look_up { (way(Section::Enterprises, "/enterprises", "企业")) }
                                (way(Section::Read, "/read", "读文件"))
                                @if viewer.can_see_runs { (way(Section::Runs, "/runs", "推送")) }
                                @if viewer.can_propose || viewer.can_review { (way(Section::Review, "/reviews", "审核")) }
                                @if viewer.can_audit { (way(Section::Audit, "/audit", "审计")) }
                            }
                        }
                    }
                    @if !viewer.name.is_empty() {
                        form.viewer method="post" action="/sign-out" {
                            span.who {
                                b { (viewer.name) }
                                span.role { (viewer.role) @if !viewer.tenant.is_empty() { " · " (viewer.tenant) } }
                            }
                            button.plain type="submit" { "退出" }
                        }
                    }
                } }
                main id="main" tabindex="-1" { (body) }
                footer.end {
                    p { "结论由申报条件与企业指标逐条判定得出，以政策原文和主管部门审核为准。" }
                    p { a href="/docs" { "接口参考" } }
                }
            }
        }
    }
}

/// Error page: the problem, and its remedy.
pub fn error_page(viewer: &Viewer, title: &str, lines: &[String]) -> Page {
    let body = html! {
        h1 { (title) }
        @for line in lines { p { (line) } }
        p { a href="/" { "回到检索" } }
    };
    layout(title, Section::Other, viewer, &body)
}

/// Sign-in page, which asks for a key. `wrong`: the key just entered is invalid.
pub fn sign_in(wrong: bool) -> Page {
    let body = html! {
        h1 { "登录" }
        p { "请输入管理员发给您的访问密钥。密钥只用于本次登录，不会保存在浏览器里。" }
        @if wrong { p.fault role="alert" { "密钥不对，或已停用。" } }
        form.narrow method="post" action="/sign-in" {
            label for="key" { "访问密钥" }
            input id="key" name="key" type="password" autocomplete="off" required autofocus;
            button type="submit" { "登录" }
        }
    };
    layout("登录", Section::Other, &Viewer::default(), &body)
}
