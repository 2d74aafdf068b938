//! Redis, in memory only; what it holds survives [`Redis::stop`] in a file.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    sync::Mutex,
};

use crate::{
    Absent,
    folder::Folder,
    port,
    program::{self, Program},
};

const FILE: &str = "dump.rdb";

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    program: Mutex<Option<Program>>,
    port: u16,
    folder: Folder,
}

impl Redis {
    /// Starts one, empty.
    pub fn start() -> Result<Self, Absent> {
        if program::find("redis-server").is_none() {
            return Err(Absent("redis-server"));
        }
        let folder = Folder::new();
        loop {
            let port = port::free();
            match run(&folder, port) {
                Ok(program) => {
                    return Ok(Self {
                        program: Mutex::new(Some(program)),
                        port,
                        folder,
                    });
                }
                Err(said) if said.contains("in use") => {}
                Err(said) => panic!("Redis does not start: {said}"),
            }
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Ends it; connections break, and new ones are refused.
    pub fn stop(&self) {
        let mut program = self.program.lock().expect("nobody panicked");
        let program = program.take().expect("it runs");
        let mut connection = self.connection();
        connection
            .write_all(b"SHUTDOWN SAVE\r\n")
            .expect("Redis reads commands");
        program.wait();
    }

    /// Starts it where it was, with what it held.
    pub fn start_again(&self) {
        let again = run(&self.folder, self.port);
        let again = again.unwrap_or_else(|said| panic!("Redis does not start again: {said}"));
        *self.program.lock().expect("nobody panicked") = Some(again);
    }

    /// Stops it from answering, without closing a connection or refusing one.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it answer again, first what it was asked meanwhile.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Everything that it holds, uncompressed.
    pub fn dump(&self) -> Vec<u8> {
        let mut connection = self.connection();
        connection.write_all(b"SAVE\r\n").expect("Redis reads commands");
        let mut answer = String::new();
        BufReader::new(connection)
            .read_line(&mut answer)
            .expect("Redis answers");
        assert_eq!(answer, "+OK\r\n");
        fs::read(self.folder.path().join(FILE)).expect("Redis wrote a file")
    }

    /// Sends a command as a person would type it. For a test that damages what is stored.
    pub fn command(&self, line: &str) -> String {
        let mut connection = self.connection();
        connection
            .write_all(format!("{line}\r\n").as_bytes())
            .expect("Redis reads commands");
        let mut answer = String::new();
        BufReader::new(connection)
            .read_line(&mut answer)
            .expect("Redis answers");
        answer.trim_end().to_owned()
    }

    fn connection(&self) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("Redis accepts connections")
    }

    fn signal(&self, name: &str) {
        let program = self.program.lock().expect("nobody panicked");
        program.as_ref().expect("it runs").signal(name);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(program) = self.program.get_mut().ok().and_then(Option::take) {
            program.signal("KILL");
            program.wait();
        }
    }
}

fn run(folder: &Folder, port: u16) -> Result<Program, String> {
    let path = program::find("redis-server").expect("it was found before");
    let mut command = program::bound_to_us(&path, None);
    command
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--daemonize",
            "no",
        ])
        .args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--rdbcompression",
            "no",
            "--dbfilename",
            FILE,
        ])
        .arg("--dir")
        .arg(folder.path());
    Program::start(command, "Ready to accept connections")
}
