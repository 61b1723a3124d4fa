//! Boots a firmware in QEMU and prints what it logs: `host ELF [name=value …]`. See `boot`.

use anyhow::{Context as _, Result, bail};
use defmt_decoder::{DecodeError, Table};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio, exit};
use std::{env, fs, io, thread};

/// The machine and its Ethernet controller. The board is told by whether the program was built
/// for a processor with floating point.
const BOARDS: [(&str, &str); 2] = [("lm3s6965evb", "stellaris"), ("mps2-an386", "lan9118")];
/// EF_ARM_ABI_FLOAT_HARD, in the ELF file's flags.
const HARD_FLOAT: u32 = 0x400;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let elf = arguments.next().context("host ELF [name=value …]")?;
    let program = fs::read(&elf).with_context(|| elf.clone())?;
    // Who has no defmt writes text, needs no network, and counts its instructions.
    let table = Table::parse(&program)?;
    let flags = program.get(36..40).and_then(|flags| flags.try_into().ok()).context("no ELF")?;
    let hard_float = u32::from_le_bytes(flags) & HARD_FLOAT != 0;
    let (machine, nic) = BOARDS[usize::from(hard_float)];

    // `timeout` ends QEMU also when nobody is left to read what it says.
    let seconds = env::var("MAILWIRE_SECONDS").unwrap_or_else(|_| "0".into());
    let mut semihosting = "enable=on,target=native,arg=firmware".to_owned();
    for argument in arguments {
        semihosting += &format!(",arg={}", argument.replace(',', ",,"));
    }
    let mut qemu = Command::new("timeout");
    qemu.args(["--kill-after=2", &seconds, "qemu-system-arm", "-M", machine])
        .args(["-display", "none", "-monitor", "none", "-serial", "none"])
        .args(["-nic", &format!("user,model={nic}")])
        // Each change of a pin of a GPIO port, and of an LED.
        .args(["-trace", "pl061_set_output", "-trace", "led_set_intensity"])
        .args(["-semihosting-config", &semihosting])
        .args(["-kernel", &elf])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(flash) = env::var_os("MAILWIRE_FLASH") {
        if table.is_some() && !Path::new(&flash).join("ca.der").exists() {
            bail!("{}: there is no ca.der, the authority to trust, in DER", flash.display());
        }
        qemu.current_dir(flash);
    }
    if table.is_none() {
        qemu.args(["-icount", "shift=6,sleep=off"]);
    }
    let mut qemu = qemu.spawn().context("timeout, qemu-system-arm")?;

    let errors = BufReader::new(qemu.stderr.take().context("it is piped")?);
    let watcher = thread::spawn(move || {
        for line in errors.lines().map_while(Result::ok) {
            match led(&line) {
                Some(on) => println!("LED {}", if on { "on" } else { "off" }),
                // Other LEDs, and the LM3S6965's reset.
                None if line.starts_with("led_set_intensity") => {}
                None if line == "Timer with period zero, disabling" => {}
                None => eprintln!("{line}"),
            }
        }
    });

    // A word on the standard input pulls the plug.
    let process = qemu.id().to_string();
    thread::spawn(move || {
        if io::stdin().lines().map_while(Result::ok).any(|line| line == "off") {
            // `timeout` passes it on.
            let _ = Command::new("kill").arg(process).status();
        }
    });

    let mut output = qemu.stdout.take().context("it is piped")?;
    match &table {
        Some(table) => decode(table, &mut output)?,
        None => drop(io::copy(&mut output, &mut io::stdout())?),
    }
    let status = qemu.wait()?;
    let _ = watcher.join();
    exit(status.code().unwrap_or(1))
}

/// Prints what is logged.
fn decode(table: &Table, output: &mut impl io::Read) -> Result<()> {
    let mut decoder = table.new_stream_decoder();
    let mut chunk = [0; 1024];
    loop {
        let read = output.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        decoder.received(&chunk[..read]);
        loop {
            match decoder.decode() {
                Ok(frame) => writeln!(io::stdout(), "{}", frame.display(false))?,
                Err(DecodeError::UnexpectedEof) => break,
                Err(DecodeError::Malformed) if table.encoding().can_recover() => {}
                Err(error) => return Err(error.into()),
            }
        }
        io::stdout().flush()?;
    }
}

/// Whether a line of QEMU's trace says that the LED went on or off: the first pin of port F (no
/// other is ever switched), or the first user LED.
fn led(line: &str) -> Option<bool> {
    if line.starts_with("pl061_set_output") {
        Some(line.ends_with("setting output 0 to 1"))
    } else if line.starts_with("led_set_intensity") {
        line.contains("'USERLED0'").then(|| !line.ends_with(" 0%"))
    } else {
        None
    }
}
