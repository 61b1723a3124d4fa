//! Signing in by SASL (RFC 4422), over IMAP and POP3.

use crate::args::{Args, Options};
use crate::bytes::mw_bytes;
use crate::event::{MW_MARK_TRUNCATED, mw_event, mw_tag, number};
use crate::handle::with;
use crate::imap::mw_imap;
use crate::memory::{Memory, room_for};
use crate::pop3::{mw_pop3, mw_pop3_event};
use crate::result::{
    self, Failure, MW_ERR_INTERNAL, MW_ERR_RX_FULL, MW_ERR_TX_FULL, MW_OK, mw_result,
};
use crate::{call, guard};
use core::ffi::c_char;
use core::ops::RangeInclusive;
use mailwire::Secret;
use mailwire::imap::Capability;
use mailwire::imap::command::{AuthenticateCommand, LoginCommand};
use mailwire::sasl::{
    Anonymous, Best, Challenge, ChannelBinding, CramMd5, Credentials, Error, External, Link, Login,
    Mechanism, OAuthBearer, Plain, Response, ScramSha1, ScramSha256, XOAuth2, best,
};

/// `mw_sasl_config.binding`: none.
pub const MW_BINDING_NONE: u32 = 0;
/// tls-exporter (RFC 9266): 32 bytes exported from TLS 1.3.
pub const MW_BINDING_TLS_EXPORTER: u32 = 1;
/// tls-unique (RFC 5929): the first Finished message, up to TLS 1.2.
pub const MW_BINDING_TLS_UNIQUE: u32 = 2;
/// tls-server-end-point (RFC 5929): the hash of the server's certificate.
pub const MW_BINDING_TLS_SERVER_END_POINT: u32 = 3;

/// Who signs in, and how. Set all to 0, then `size`. What it points to is not copied: it must stay
/// until the `mw_sasl` is wiped or freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_sasl_config {
    /// `sizeof(mw_sasl_config)`
    pub size: usize,
    /// A mechanism such as "PLAIN" or "SCRAM-SHA-256". NULL: the best that both sides have and the
    /// link allows; over IMAP the LOGIN command if the server has none at all.
    pub mechanism: *const c_char,
    /// The user's name. Of ANONYMOUS: the trace.
    pub user: *const c_char,
    /// The password; or NULL.
    pub password: *const c_char,
    /// An OAuth 2 token, for OAUTHBEARER and XOAUTH2; or NULL.
    pub token: *const c_char,
    /// Whom to act as, if somebody else; or NULL.
    pub authorization: *const c_char,
    /// Of OAUTHBEARER: the server's host; or NULL.
    pub host: *const c_char,
    /// Of OAUTHBEARER: the server's port, with `host`.
    pub port: u16,
    /// Whether the link is TLS, or as safe: else no password is sent as it is by the best
    /// mechanism.
    pub is_protected: bool,
    /// `MW_BINDING_…`: what `binding_data` is. With one, the link is taken to be protected.
    pub binding: u32,
    /// What SCRAM-…-PLUS binds to.
    pub binding_data: mw_bytes,
    /// For SCRAM: 12 random bytes or more that were never used before.
    pub nonce: mw_bytes,
    /// For SCRAM: the lowest iteration count of the server's that is accepted. 0: the default.
    pub iterations_min: u32,
    /// For SCRAM: the highest one. It is the server that says how long this side computes. 0: the
    /// default.
    pub iterations_max: u32,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_sasl_config {}

/// One signing in. Opaque. Make another one for the next.
pub struct mw_sasl {
    config: mw_sasl_config,
    best: Option<Best<'static>>,
    /// Whether the first response is still to be sent.
    begins: bool,
}

/// Bytes of memory that a `mw_sasl` takes, at most, wherever it begins.
pub const MW_SASL_SIZE: usize = 1536;

const _: () = assert!(room_for::<mw_sasl>() <= MW_SASL_SIZE);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Here(result::sasl(error))
    }
}

impl mw_sasl {
    fn texts(&self, args: Args<'_>) -> Result<[&'static str; 5], Failure> {
        let text = |text: *const c_char| match text.is_null() {
            true => Ok(""),
            false => args.forever(text),
        };
        let it = &self.config;
        Ok([
            text(it.user)?,
            text(it.password)?,
            text(it.token)?,
            text(it.authorization)?,
            text(it.host)?,
        ])
    }

    fn lasting(&self, args: Args<'_>, bytes: &mw_bytes) -> &'static [u8] {
        let bytes = args.bytes(bytes);
        // SAFETY: the header says that it must outlive this.
        unsafe { core::mem::transmute::<&[u8], &'static [u8]>(bytes) }
    }

    fn link(&self, args: Args<'_>) -> Link<'static> {
        match self.bound(args) {
            Some(binding) => Link::bound_to(binding),
            None if self.config.is_protected => Link::protected(),
            None => Link::in_clear(),
        }
    }

    fn bound(&self, args: Args<'_>) -> Option<ChannelBinding<'static>> {
        let data = self.lasting(args, &self.config.binding_data);
        match self.config.binding {
            MW_BINDING_TLS_EXPORTER => Some(ChannelBinding::TlsExporter(data)),
            MW_BINDING_TLS_UNIQUE => Some(ChannelBinding::TlsUnique(data)),
            MW_BINDING_TLS_SERVER_END_POINT => Some(ChannelBinding::TlsServerEndPoint(data)),
            _ => None,
        }
    }

    /// Chooses the mechanism. `Ok(false)`: there is none, but LOGIN would do.
    fn choose<'n, N>(&mut self, args: Args<'_>, offered: N) -> Result<bool, Failure>
    where
        N: IntoIterator<Item = &'n str>,
        N::IntoIter: Clone,
    {
        let [user, password, token, authorization, host] = self.texts(args)?;
        let password = Secret::new(password.as_bytes());
        let token = Secret::new(token.as_bytes());
        let nonce = self.lasting(args, &self.config.nonce);
        let wanted = args.maybe_text(self.config.mechanism)?;
        let is = |name: &str| wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(name));
        let offered = offered.into_iter();
        // A binding that could have been, but that the server does not offer, is told to it.
        let unbound = |plus: &str| {
            self.bound(args).is_some()
                && !offered.clone().any(|offer| offer.eq_ignore_ascii_case(plus))
        };
        let chosen = if wanted.is_none() {
            let credentials = if !self.config.token.is_null() {
                Credentials::Token { user, token }
            } else if !self.config.password.is_null() {
                Credentials::Password { user, password }
            } else if user.is_empty() {
                Credentials::Certificate
            } else {
                Credentials::Guest { trace: user }
            };
            match best(offered.clone(), credentials, self.link(args), nonce) {
                Err(Error::NoMechanism) if !self.config.password.is_null() => return Ok(false),
                other => other?,
            }
        } else if is("PLAIN") {
            Best::Plain(Plain::new(user, password).acting_as(authorization))
        } else if is("LOGIN") {
            Best::Login(Login::new(user, password))
        } else if is("CRAM-MD5") {
            Best::CramMd5(CramMd5::new(user, password))
        } else if is("SCRAM-SHA-256") {
            let scram = ScramSha256::new(user, password, nonce).acting_as(authorization);
            Best::ScramSha256(match unbound("SCRAM-SHA-256-PLUS") {
                true => scram.binding_not_offered(),
                false => scram,
            })
        } else if is("SCRAM-SHA-1") {
            let scram = ScramSha1::new(user, password, nonce).acting_as(authorization);
            Best::ScramSha1(match unbound("SCRAM-SHA-1-PLUS") {
                true => scram.binding_not_offered(),
                false => scram,
            })
        } else if is("SCRAM-SHA-256-PLUS") || is("SCRAM-SHA-1-PLUS") {
            let binding = self.bound(args).ok_or(result::invalid("-PLUS without a binding"))?;
            if is("SCRAM-SHA-1-PLUS") {
                let scram = ScramSha1::new(user, password, nonce).acting_as(authorization);
                Best::ScramSha1(scram.bound_to(binding))
            } else {
                let scram = ScramSha256::new(user, password, nonce).acting_as(authorization);
                Best::ScramSha256(scram.bound_to(binding))
            }
        } else if is("OAUTHBEARER") {
            let bearer = OAuthBearer::new(user, token);
            Best::OAuthBearer(match host {
                "" => bearer,
                host => bearer.server(host, self.config.port),
            })
        } else if is("XOAUTH2") {
            Best::XOAuth2(XOAuth2::new(user, token))
        } else if is("EXTERNAL") {
            Best::External(External::new().acting_as(authorization))
        } else if is("ANONYMOUS") {
            Best::Anonymous(Anonymous::new(user))
        } else {
            return Err(Error::NoMechanism.into());
        };
        let chosen = match (chosen, self.iterations()) {
            (Best::ScramSha256(it), Some(bounds)) => Best::ScramSha256(it.iterations(bounds)),
            (Best::ScramSha1(it), Some(bounds)) => Best::ScramSha1(it.iterations(bounds)),
            (chosen, _) => chosen,
        };
        self.begins = chosen.is_client_first();
        self.best = Some(chosen);
        Ok(true)
    }

    /// How many iterations of SCRAM are accepted, if it is not the default.
    fn iterations(&self) -> Option<RangeInclusive<u32>> {
        match (self.config.iterations_min, self.config.iterations_max) {
            (0, 0) => None,
            (min, 0) => Some(min..=u32::MAX),
            (0, max) => Some(1..=max),
            (min, max) => Some(min..=max),
        }
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<Response<'_>, Failure> {
        let begins = core::mem::take(&mut self.begins);
        let best = self.best.as_mut().ok_or(result::invalid("no exchange was begun"))?;
        Ok(if begins { best.initial()? } else { best.respond(Challenge::new(challenge))? })
    }
}

fn make(
    args: Args<'_>,
    mut memory: Memory,
    config: *const mw_sasl_config,
) -> Result<*mut mw_sasl, Failure> {
    let config = args.options(config)?.ok_or(result::NULL)?;
    let made = mw_sasl { config, best: None, begins: false };
    made.texts(args)?;
    let handle = memory.place::<mw_sasl>()?;
    // SAFETY: the place was made for it.
    unsafe { handle.write(made) };
    Ok(handle)
}

/// Prepares to sign in, in `MW_SASL_SIZE` bytes of the caller's memory, of any alignment. End it
/// by `mw_sasl_wipe`. On errors `*out_sasl` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_init(
    memory: *mut u8,
    len: usize,
    config: *const mw_sasl_config,
    out_sasl: *mut *mut mw_sasl,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        // SAFETY: as the header says, the memory is ours.
        let made =
            unsafe { Memory::new(memory, len) }.and_then(|memory| make(args, memory, config));
        crate::give_handle(args, made, out_sasl)
    })
}

/// Wipes what `mw_sasl_init` made, keys and all. The memory is the caller's again. NULL is
/// allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_wipe(sasl: *mut mw_sasl) {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard((), || {
        if let Ok(sasl) = args.handle(sasl) {
            sasl.best = None;
        }
    });
}

/// Prepares to sign in, by malloc. To be ended by `mw_sasl_free`. On errors `*out_sasl` is NULL.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_new(
    config: *const mw_sasl_config,
    out_sasl: *mut *mut mw_sasl,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        if out_sasl.is_null() {
            return result::MW_ERR_NULL;
        }
        let made = crate::memory::allocate(MW_SASL_SIZE, |memory| make(args, memory, config));
        crate::give_handle(args, made, out_sasl)
    })
}

/// Wipes and ends what `mw_sasl_new` made. NULL is allowed.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_free(sasl: *mut mw_sasl) {
    guard((), || {
        // SAFETY: the caller gives what `mw_sasl_new` made, for the last time.
        unsafe { crate::memory::release(sasl) }
    });
}

/// Signs in over IMAP: sends AUTHENTICATE. On each MW_EVENT_CHALLENGE call `mw_imap_respond`; when
/// it was completed with OK, `mw_sasl_finish`. `out_tag` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_authenticate(
    imap: *mut mw_imap,
    sasl: *mut mw_sasl,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let sasl = args.handle(sasl)?;
        let known = *session.connection.capabilities();
        if !sasl.choose(args, known.mechanisms())? {
            if known.contains(&Capability::LoginDisabled) {
                return Err(Error::NoMechanism.into());
            }
            if !sasl.link(args).is_protected() {
                return Err(Error::LinkInClear.into());
            }
            let [user, password, ..] = sasl.texts(args)?;
            let password = Secret::new(password.as_bytes());
            let tag = session.send(&LoginCommand { user, password })?;
            args.give(out_tag, number(tag));
            return Ok(MW_OK);
        }
        let at_once = session.base.sasl_ir && known.contains(&Capability::SaslIr);
        let begins = sasl.begins && at_once;
        let Some(best) = sasl.best.as_mut() else { return Err(Error::NoMechanism.into()) };
        let mut command = AuthenticateCommand::new(best.name());
        let initial = if begins { Some(best.initial()?) } else { None };
        command.initial_response = initial.as_ref();
        let tag = session.send(&command)?;
        sasl.begins = sasl.begins && !begins;
        args.give(out_tag, number(tag));
        Ok(MW_OK)
    })
}

/// AUTHENTICATE (RFC 9051 section 6.2.2) by a mechanism that `mw_sasl` does not have. `initial`:
/// the first response, to be sent with it (in base64, and wiped) if the server offers SASL-IR; NULL
/// if there is none. MW_EVENT_CHALLENGE follows, which `mw_imap_respond_bytes` answers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_authenticate_by(
    imap: *mut mw_imap,
    mechanism: *const c_char,
    initial: *const u8,
    initial_len: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let initial = args.initial(initial, initial_len)?;
        let mut command = AuthenticateCommand::new(args.text(mechanism)?);
        command.initial_response = initial.as_ref();
        let tag = session.send(&command)?;
        args.give(out_tag, number(tag));
        Ok(MW_OK)
    })
}

/// Answers MW_EVENT_CHALLENGE, which must be the last event. On errors the exchange was cancelled;
/// its MW_EVENT_COMPLETED follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_respond(
    imap: *mut mw_imap,
    sasl: *mut mw_sasl,
    event: *const mw_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let event = args.maybe(event).ok_or(result::NULL)?;
        let sasl = args.handle(sasl)?;
        let (connection, tx) = session.tx();
        let response = match event.marks & MW_MARK_TRUNCATED {
            0 => sasl.answer(args.bytes(&event.bytes)),
            _ => Err(Failure::Here(MW_ERR_RX_FULL)),
        };
        match response {
            Ok(response) => connection.respond(&response, tx)?,
            Err(error) => {
                connection.cancel(tx)?;
                return Err(error);
            }
        }
        Ok(MW_OK)
    })
}

/// Signs in over POP3: sends AUTH. Then as with IMAP, by `mw_pop3_respond`. The best mechanism is
/// chosen of those that CAPA told; without any use `mw_pop3_user` and `mw_pop3_pass`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_authenticate(pop3: *mut mw_pop3, sasl: *mut mw_sasl) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        let sasl = args.handle(sasl)?;
        let known = *session.connection.capabilities();
        if !sasl.choose(args, known.mechanisms())? {
            return Err(Error::NoMechanism.into());
        }
        let begins = sasl.begins;
        let best = sasl.best.as_mut().ok_or(Error::NoMechanism)?;
        let mechanism = best.name();
        let initial = if begins { Some(best.initial()?) } else { None };
        let command =
            mailwire::pop3::command::AuthCommand { mechanism, initial_response: initial.as_ref() };
        session.connection.send(&command, &mut session.base.buffers.inner.tx)?;
        sasl.begins = false;
        Ok(MW_OK)
    })
}

/// Answers MW_POP3_CHALLENGE, which must be the last event. On errors the exchange was cancelled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_respond(
    pop3: *mut mw_pop3,
    sasl: *mut mw_sasl,
    event: *const mw_pop3_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        let event = args.maybe(event).ok_or(result::NULL)?;
        let sasl = args.handle(sasl)?;
        let tx = &mut session.base.buffers.inner.tx;
        match sasl.answer(args.bytes(&event.bytes)) {
            Ok(response) => session.connection.respond(&response, tx)?,
            Err(error) => {
                session.connection.cancel(tx)?;
                return Err(error);
            }
        }
        Ok(MW_OK)
    })
}

/// Chooses the mechanism for another protocol than IMAP and POP3: the one of the config, or the best
/// of those that `offered` names, words with spaces between them. Its name: `mw_sasl_mechanism`.
/// `MW_ERR_SASL_NO_MECHANISM`, `MW_ERR_SASL_LINK_IN_CLEAR` and others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_choose(sasl: *mut mw_sasl, offered: *const c_char) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    call(|| {
        let sasl = args.handle(sasl)?;
        let offered = args.text_or_empty(offered)?;
        match sasl.choose(args, offered.split_ascii_whitespace())? {
            true => Ok(MW_OK),
            false => Err(Error::NoMechanism.into()),
        }
    })
}

/// The next response, for another protocol than IMAP and POP3: the bytes to be sent, not in base64
/// yet, go to `buffer`, and their number to `*out_len`; as they are secret, wipe them once they
/// were sent. `challenge` is what the server said, in base64. The first response of a mechanism
/// where the client begins ignores it (`*out_begins`, or NULL, is true then).
/// `MW_ERR_TX_FULL`: the buffer is too small, and the exchange is lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_answer(
    sasl: *mut mw_sasl,
    challenge: mw_bytes,
    buffer: *mut u8,
    len: usize,
    out_len: *mut usize,
    out_begins: *mut bool,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    call(|| {
        let sasl = args.handle(sasl)?;
        if out_len.is_null() {
            return Err(result::NULL);
        }
        args.give(out_len, 0);
        args.give(out_begins, sasl.begins);
        let response = sasl.answer(args.bytes(&challenge))?;
        let room = args.room(buffer, len);
        let needed = response.expose().count();
        if needed > room.len() {
            return Err(Failure::Here(MW_ERR_TX_FULL));
        }
        room.iter_mut().zip(response.expose()).for_each(|(to, from)| *to = from);
        args.give(out_len, needed);
        Ok(MW_OK)
    })
}

/// After the server's OK: lets the mechanism have the last word. `MW_OK`, or
/// `MW_ERR_SASL_SERVER_NOT_VERIFIED`: close the connection, the server does not know the password.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_finish(sasl: *mut mw_sasl) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    call(|| match args.handle(sasl)?.best.as_mut() {
        Some(best) => Ok(best.finish().map(|()| MW_OK)?),
        None => Ok(MW_OK),
    })
}

/// The name of the mechanism in use, or empty bytes. In static memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_mechanism(sasl: *const mw_sasl) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        let best = args.maybe(sasl).and_then(|sasl| sasl.best.as_ref());
        best.map_or(mw_bytes::NONE, |best| mw_bytes::of(best.name().as_bytes()))
    })
}

/// What the server says of a token that it refused, in JSON; or empty bytes. Valid as long as
/// `sasl` and until the next call with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_sasl_refusal(sasl: *const mw_sasl) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        let best = args.maybe(sasl).and_then(|sasl| sasl.best.as_ref());
        mw_bytes::maybe(best.and_then(Best::error))
    })
}
