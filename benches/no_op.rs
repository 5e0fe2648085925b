//! The program that most measurements start.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A program that does nothing: a static executable that exits with 0, so that what is measured is the spawn and not the
/// dynamic linker. Written into a directory of the caller's.
pub fn write_to(directory: &std::path::Path) -> PathBuf {
    const LOAD_AT: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let (machine, code): (u16, &[u8]) = if cfg!(target_arch = "aarch64") {
        // mov x8, 93; mov x0, 0; svc 0
        (183, &[0xa8, 0x0b, 0x80, 0xd2, 0x00, 0x00, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4])
    } else {
        // mov eax, 60; xor edi, edi; syscall
        (62, &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05])
    };
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let length = HEADERS + code.len() as u64;
    // The file header: an executable whose one program header follows.
    file.extend(2u16.to_le_bytes());
    file.extend(machine.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    [LOAD_AT + HEADERS, 64, 0].iter().for_each(|field: &u64| file.extend(field.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    [64u16, 56, 1, 0, 0, 0].iter().for_each(|field| file.extend(field.to_le_bytes()));
    // The program header: the whole file, readable and executable.
    file.extend(1u32.to_le_bytes());
    file.extend(5u32.to_le_bytes());
    [0, LOAD_AT, LOAD_AT, length, length, 0x1000]
        .iter()
        .for_each(|field: &u64| file.extend(field.to_le_bytes()));
    file.extend(code);
    let path = directory.join("no-op");
    std::fs::write(&path, file).expect("a writable directory");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("own file");
    path
}
