//! A folder of a running server, removed with it, and by the next test if its own was killed.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

const PREFIX: &str = "disposable-store-";
/// Locked for as long as the folder is needed. The system gives back the lock of a process however it dies.
const LOCK: &str = "lock";

static COUNT: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(crate) fn new() -> Self {
        remove_leftovers();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", process::id());
        // Out of sight of `remove_leftovers` until it is locked.
        let unlocked = std::env::temp_dir().join(format!("new-{name}"));
        fs::create_dir(&unlocked).expect("a folder can be made among the temporary files");
        let lock = File::create(unlocked.join(LOCK)).expect("a file can be made in a new folder");
        lock.lock().expect("a new file can be locked");
        let path = std::env::temp_dir().join(name);
        fs::rename(unlocked, &path).expect("a folder can be renamed in its place");
        Self { path, _lock: lock }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now, the next test removes.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn remove_leftovers() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours {
        // Several tests may find the same folder; whoever comes second has nothing left to do.
        if let Ok(true) = is_abandoned(&folder.path()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

/// A folder without a lock file is being removed by somebody else.
fn is_abandoned(folder: &Path) -> io::Result<bool> {
    Ok(File::open(folder.join(LOCK))?.try_lock().is_ok())
}
