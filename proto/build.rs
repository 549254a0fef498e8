//! Compiles `rmd/v1/*.proto` in pure Rust, so that no `protoc` has to be installed.

use std::{env, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("rmd/v1"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ext| ext == "proto"));
    files.sort();
    println!("cargo::rerun-if-changed=rmd/v1");

    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // Its Debug is written by hand, without the token.
    tonic_prost_build::configure()
        .skip_debug(["rmd.v1.CertifyRequest"])
        .compile_fds(descriptors)?;
    Ok(())
}
