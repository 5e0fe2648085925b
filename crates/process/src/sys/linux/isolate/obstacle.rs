//! What a system may have set that keeps its users from namespaces.

use std::fs;

/// The setting that is in the way, and its value, if one is known to be.
pub(crate) fn namespace_obstacle() -> Option<String> {
    /// Settings, below /proc/sys, and the value that forbids; the first is of every kernel, the others of distributions.
    const SETTINGS: [(&str, &str); 5] = [
        ("user/max_user_namespaces", "0"),
        ("user/max_pid_namespaces", "0"),
        ("user/max_mnt_namespaces", "0"),
        ("kernel/unprivileged_userns_clone", "0"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ];
    SETTINGS.iter().find_map(|(setting, forbids)| {
        let value = fs::read_to_string(format!("/proc/sys/{setting}")).ok()?;
        let name = setting.replace('/', ".");
        (value.trim() == *forbids).then(|| format!("{name} is {forbids}"))
    })
}
