//! Rust for this machine and for the browser: through rustup where it may download, else from the distribution.
//!
//! Debian follows recent Rust in `rustc-web`, without a standard library for WebAssembly but with its source: it is
//! compiled once and put where the compiler looks for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Step, debian, may_download};
use crate::{
    process::{self, Failure, Outcome},
    project,
};

const WASM: &str = "wasm32-unknown-unknown";

/// What rustup calls the distribution's Rust once it is linked.
const LINKED: &str = "distro";

/// Where the distribution keeps its Rust, beside rustup's proxies, which come first in PATH.
const DISTRIBUTION: &str = "/usr";

pub(super) fn ensure() -> Outcome {
    Step {
        brings: "Rust with WebAssembly",
        usually: "installing it takes about 3 minutes",
    }
    .run(ready(), || install().and_then(check))?;
    Step {
        brings: "C compiler",
        usually: "installing it takes about 1 minute",
    }
    .run(process::find("cc").map(|path| path.display().to_string()), || {
        if !debian::can_install() {
            return Err(debian::by_hand(
                "A C compiler (`cc`; on macOS `xcode-select --install`)",
            ));
        }
        debian::install(&["build-essential"])
    })
}

/// The version of the folder's Rust, if it can compile for the browser and lint.
fn ready() -> Option<String> {
    // Asked in the project's folder, so that an override or rust-toolchain.toml counts.
    let libraries = process::output("rustc", &["--print", "target-libdir", "--target", WASM])?;
    if !has_std(Path::new(&libraries))
        || formatter().is_none()
        || !process::succeeds("cargo", &["clippy", "-V"])
    {
        return None;
    }
    process::output("rustc", &["--version"])
}

fn has_std(libraries: &Path) -> bool {
    let Ok(entries) = fs::read_dir(libraries) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// `cargo fmt`, of the folder's own toolchain or, where that has none (a linked one), of rustup's stable.
pub(crate) fn formatter() -> Option<Command> {
    let mut command = process::command("cargo");
    if process::succeeds("cargo", &["fmt", "--version"]) {
        command.arg("fmt");
    } else if process::succeeds("cargo", &["+stable", "fmt", "--version"]) {
        command.args(["+stable", "fmt"]);
    } else {
        return None;
    }
    Some(command)
}

fn install() -> Outcome {
    let rustup = process::find("rustup").is_some();
    if rustup && may_download() {
        match from_rustup() {
            Ok(()) => return Ok(()),
            // Offline, perhaps with a mirror of the distribution in reach.
            Err(_) if debian::can_install() => {
                println!("  rustup could not download; taking the distribution's Rust");
            }
            Err(failure) => {
                return Err(failure.explained(
                    "rustup could not download the WebAssembly half of Rust: connect to the internet, or run \
                     `rustup target add wasm32-unknown-unknown` where you can, then run this command again.",
                ));
            }
        }
    }
    if !debian::can_install() {
        return Err(Failure::new(
            "Rust here cannot compile for the browser, and nothing may be downloaded or installed from here: run \
             `rustup target add wasm32-unknown-unknown`, or on Debian run this command once as root.",
        ));
    }
    from_distribution(rustup)
}

fn check(_: ()) -> Outcome {
    if ready().is_some() {
        return Ok(());
    }
    Err(Failure::new(
        "Rust was installed but still cannot compile for the browser, format and lint: see what `rustc --print \
         target-libdir --target wasm32-unknown-unknown`, `cargo fmt --version` and `cargo clippy -V` say.",
    ))
}

fn from_rustup() -> Outcome {
    process::quietly(
        process::command("rustup").args(["target", "add", WASM]),
        "rustup-target",
    )?;
    process::quietly(
        process::command("rustup").args(["component", "add", "rustfmt", "clippy"]),
        "rustup-component",
    )
}

fn from_distribution(rustup: bool) -> Outcome {
    debian::install(&["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy"]).map_err(|failure| {
        failure.explained(
            "this distribution does not package a recent Rust (`rustc-web`, as Debian 12 does): install Rust with \
             rustup (https://rustup.rs), then run this command again.",
        )
    })?;
    let compiler = Compiler::ask()?;
    // The WebAssembly linker must be of the LLVM that this compiler was built with.
    debian::install(&[&format!("lld-{}", compiler.llvm)])?;
    link_linker(&compiler.host)?;
    let libraries = PathBuf::from(DISTRIBUTION)
        .join("lib/rustlib")
        .join(WASM)
        .join("lib");
    if !has_std(&libraries) {
        build_std(&libraries)?;
    }
    if rustup {
        process::quietly(
            process::command("rustup").args(["toolchain", "link", LINKED, DISTRIBUTION]),
            "rustup-link",
        )?;
        process::quietly(
            process::command("rustup").args(["override", "set", LINKED]),
            "rustup-override",
        )?;
    }
    // rustup's stable usually has one; a minimal or absent rustup does not.
    if formatter().is_none() {
        debian::install(&["rustfmt-web"])?;
    }
    Ok(())
}

/// What the distribution's compiler says about itself.
struct Compiler {
    host: String,
    llvm: String,
}

impl Compiler {
    fn ask() -> Outcome<Self> {
        let said = process::output(&format!("{DISTRIBUTION}/bin/rustc"), &["-vV"]).unwrap_or_default();
        Self::parse(&said)
            .ok_or_else(|| Failure::new("/usr/bin/rustc does not run: reinstall the package rustc-web."))
    }

    fn parse(said: &str) -> Option<Self> {
        let value = |key: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(key))
                .map(str::trim)
        };
        let llvm = value("LLVM version:")?.split('.').next()?.to_owned();
        Some(Self {
            host: value("host:")?.to_owned(),
            llvm,
        })
    }
}

/// The compiler looks for its linker in a folder that the packages leave empty.
fn link_linker(host: &str) -> Outcome {
    let folder = format!("{DISTRIBUTION}/lib/rustlib/{host}/bin");
    let link = format!("{folder}/rust-lld");
    if Path::new(&link).exists() {
        return Ok(());
    }
    process::quietly(debian::privileged("mkdir").args(["-p", &folder]), "rust-lld")?;
    let linker = format!("{DISTRIBUTION}/bin/rust-lld");
    process::quietly(debian::privileged("ln").args(["-sf", &linker, &link]), "rust-lld")
}

/// Compiles the standard library for the browser from the distribution's source, and installs it.
fn build_std(libraries: &Path) -> Outcome {
    let scratch = project::workshop("std")?;
    let write = |name: &str, text: &str| {
        let path = scratch.join(name);
        fs::write(&path, text).map_err(|error| process::unwritable(&path, &error))
    };
    // `[workspace]` keeps it out of ours; a cdylib is the smallest thing that needs all of std.
    write(
        "Cargo.toml",
        "[workspace]\n[package]\nname = \"std-for-wasm\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [lib]\npath = \"lib.rs\"\ncrate-type = [\"cdylib\"]\n",
    )?;
    write("lib.rs", "")?;
    let output = scratch.join("target");
    let mut build = process::command(format!("{DISTRIBUTION}/bin/cargo"));
    build
        .current_dir(&scratch)
        .env("RUSTC", format!("{DISTRIBUTION}/bin/rustc"))
        // Allows `-Z` here and only here: build scripts of other crates would mistake the compiler for a nightly.
        .env("RUSTC_BOOTSTRAP", "1")
        .args([
            "build",
            "--release",
            "--target",
            WASM,
            "-Z",
            "build-std=std,panic_abort",
            "--target-dir",
        ])
        .arg(&output);
    process::quietly(&mut build, "std")?;

    let entries = fs::read_dir(output.join(WASM).join("release/deps"))
        .into_iter()
        .flatten()
        .flatten();
    let compiled: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "rlib"))
        .collect();
    process::quietly(
        debian::privileged("mkdir").arg("-p").arg(libraries),
        "std-install",
    )?;
    process::quietly(
        debian::privileged("cp").args(&compiled).arg(libraries),
        "std-install",
    )
}

#[cfg(test)]
mod tests {
    use super::Compiler;

    #[test]
    fn reads_what_the_compiler_says_about_itself() {
        let said = "rustc 1.96.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.2\n";
        let compiler = Compiler::parse(said).expect("both lines are there");
        assert_eq!(
            (compiler.host.as_str(), compiler.llvm.as_str()),
            ("x86_64-unknown-linux-gnu", "22")
        );
    }
}
