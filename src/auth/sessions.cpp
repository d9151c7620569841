#include "auth/sessions.hpp"

#include <algorithm>

#include "auth/roles.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace telltale::auth {
namespace {

constexpr auto kTicketLife = std::chrono::seconds(30);
constexpr std::size_t kTicketLimit = 10'000;
constexpr auto kTouchInterval = std::chrono::minutes(1);

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

runtime::Actor actor_of(const store::UserRecord& user, runtime::RightsPtr rights,
                        std::string session) {
  return {.id = user.id,
          .name = user.username,
          .role = user.role,
          .rights = std::move(rights),
          .session = std::move(session),
          .epoch = user.token_epoch};
}

runtime::RightsPtr limited(const runtime::RightsPtr& rights,
                           const std::vector<std::string>& scopes) {
  if (!rights || scopes.empty()) return rights;
  return std::make_shared<const runtime::Rights>(rights->limited_to(scopes));
}

std::unexpected<base::Error> not_logged_in() {
  return base::fail(base::Code::unauthenticated, "the session has ended; log in again");
}

std::unexpected<base::Error> no_such_token() {
  return base::fail(base::Code::unauthenticated, "the API token is unknown, revoked or expired");
}

}  // namespace

base::Result<Authenticated> SessionService::authenticate(std::string_view token) const {
  if (token.starts_with(kApiTokenPrefix)) return authenticate_api_token(token);
  const auto now = store_.clock().wall();
  const auto verified = keys_.load()->verify(token, now);
  if (!verified) return std::unexpected(verified.error());
  const auto& claims = *verified;
  const auto all = directory_.load();
  const auto found = all->users.find(claims->subject);
  if (found == all->users.end() || found->second.disabled ||
      found->second.token_epoch != claims->epoch || ended_families_.find(claims->family))
    return not_logged_in();
  return Authenticated{
      .actor = actor_of(found->second, all->rights_of(found->second), claims->family),
      .expires = claims->expires};
}

base::Result<Authenticated> SessionService::authenticate_api_token(std::string_view token) const {
  if (token.size() > 100) return no_such_token();
  const auto all = directory_.load();
  const auto found = all->tokens.find(base::sha256_hex(token));
  if (found == all->tokens.end()) return no_such_token();
  const auto& record = found->second.record;
  const auto now = store_.clock().wall();
  if (record.expires_at && *record.expires_at <= now) return no_such_token();
  const auto user = all->users.find(record.user_id);
  if (user == all->users.end() || user->second.disabled) return no_such_token();
  // Once a minute is enough to know that it is in use.
  auto last = found->second.last_used_ms->load(std::memory_order_relaxed);
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(kTouchInterval);
  if (base::unix_ms(now) - last > interval.count() &&
      found->second.last_used_ms->compare_exchange_strong(last, base::unix_ms(now)))
    store_.record(
        [id = record.id, now](store::Connection& db) { return store::touch_token(db, id, now); });
  return Authenticated{
      .actor = actor_of(user->second, limited(all->rights_of(user->second), found->second.scopes),
                        record.id),
      .expires = record.expires_at.value_or(now + std::chrono::hours(24 * 365))};
}

base::Result<runtime::Actor> SessionService::renew(const runtime::Actor& actor) const {
  const auto all = directory_.load();
  const auto user = all->users.find(actor.id);
  if (user == all->users.end() || user->second.disabled) return not_logged_in();
  auto rights = all->rights_of(user->second);
  if (actor.session.starts_with(kApiTokenId)) {
    const auto* token = all->find_token(actor.session);
    if (token == nullptr) return no_such_token();
    rights = limited(rights, token->scopes);
  } else if (user->second.token_epoch != actor.epoch || ended_families_.find(actor.session)) {
    return not_logged_in();
  }
  auto out = actor_of(user->second, std::move(rights), actor.session);
  out.via = actor.via;
  out.address = actor.address;
  return out;
}

base::Result<runtime::Actor> SessionService::stand_in(const std::string& user_id,
                                                      const std::string& token) const {
  const auto all = directory_.load();
  const auto user = all->users.find(user_id);
  if (user == all->users.end() || user->second.disabled)
    return base::fail(base::Code::permission_denied, "its owner is gone or disabled");
  auto rights = all->rights_of(user->second);
  if (!token.empty()) {
    const auto* found = all->find_token(token);
    if (found == nullptr ||
        (found->record.expires_at && *found->record.expires_at <= store_.clock().wall()))
      return base::fail(base::Code::permission_denied,
                        "the API token it was made with is revoked or expired");
    rights = limited(rights, found->scopes);
  }
  return actor_of(user->second, std::move(rights), token);
}

std::string SessionService::make_ticket(const runtime::Actor& actor) {
  const auto now = store_.clock().now();
  if (tickets_.size() >= kTicketLimit)
    tickets_.clear_if([&](const Ticket& old) { return old.expires < now; });
  auto ticket = base::secure_token(32);
  tickets_.put(base::sha256_hex(ticket),
               std::make_shared<Ticket>(
                   Ticket{actor, store_.clock().wall() + kAccessLife, now + kTicketLife}));
  return ticket;
}

base::Result<Authenticated> SessionService::redeem_ticket(const std::string& ticket) {
  const auto found = tickets_.take(base::sha256_hex(ticket));
  if (!found || found->expires < store_.clock().now())
    return base::fail(base::Code::unauthenticated, "the ticket is unknown, used or over 30 s old");
  auto actor = renew(found->actor);
  if (!actor) return std::unexpected(actor.error());
  return Authenticated{.actor = std::move(*actor), .expires = found->session_expires};
}

runtime::TaskResult<SessionAnswer> SessionService::login(std::string name, std::string password,
                                                         Visitor visitor) {
  const auto key = lower(name) + "|" + visitor.address;
  if (auto open = lockout_.check(key); !open) co_return std::unexpected(open.error());
  const auto all = directory_.load();
  const auto* user = all->find_user(name);
  const bool usable = user != nullptr && !user->disabled;
  auto right = co_await passwords_.verify(usable ? user->password_hash : "", password);
  if (!right) co_return std::unexpected(right.error());
  if (!usable || !*right) {
    lockout_.failed(key);
    base::log(base::LogLevel::warning, "auth", "failed login from {}", visitor.address);
    co_return base::fail(base::Code::unauthenticated, "the user name or the password is wrong");
  }
  lockout_.succeeded(key);
  if (is_outdated(user->password_hash))
    if (auto renewed = co_await renew_hash(user->id, std::move(password)); !renewed)
      base::log(base::LogLevel::warning, "auth", "a password hash was not renewed: {}",
                renewed.error().detail);
  co_return co_await start_session(*user, std::move(visitor));
}

// The password is at hand only now: bcrypt and weaker argon2 become what is used today.
runtime::TaskResult<bool> SessionService::renew_hash(std::string user_id, std::string password) {
  auto hash = co_await passwords_.hash(std::move(password));
  if (!hash) co_return std::unexpected(hash.error());
  co_return co_await change("password hash",
                            [user_id, made = std::move(*hash)](store::Connection& db) {
                              return store::set_password_hash(db, user_id, made);
                            });
}

runtime::TaskResult<SessionAnswer> SessionService::exchange_code(std::string code,
                                                                 Visitor visitor) {
  const auto key = "code|" + visitor.address;
  if (auto open = lockout_.check(key); !open) co_return std::unexpected(open.error());
  std::optional<std::string> user_id;
  auto taken =
      co_await store_.write("login code",
                            [&user_id, hash = base::sha256_hex(code), now = store_.clock().wall()](
                                store::Connection& db) -> base::Result<void> {
                              auto found = store::take_login_code(db, hash, now);
                              if (!found) return std::unexpected(found.error());
                              user_id = *found;
                              return {};
                            });
  if (!taken) co_return std::unexpected(taken.error());
  const auto all = directory_.load();
  const auto* user = user_id ? all->find_user(*user_id) : nullptr;
  if (user == nullptr || user->disabled) {
    lockout_.failed(key);
    co_return base::fail(base::Code::unauthenticated, "the login link is unknown, used or too old");
  }
  co_return co_await start_session(*user, std::move(visitor));
}

base::Result<std::string> SessionService::own_token() const {
  const auto now = store_.clock().wall();
  const auto all = directory_.load();
  for (const auto& [id, user] : all->users)
    if (user.role == "admin" && !user.disabled)
      return keys_.load()->sign({.subject = id,
                                 .name = user.username,
                                 .role = user.role,
                                 .family = "own",
                                 .epoch = user.token_epoch,
                                 .issued = now,
                                 .expires = now + kAccessLife});
  return base::fail(base::Code::unavailable, "there is no administrator who may log in");
}

SessionAnswer SessionService::answer(const store::UserRecord& user, const std::string& family,
                                     const std::string& secret) const {
  const auto now = store_.clock().wall();
  const Claims claims{.subject = user.id,
                      .name = user.username,
                      .role = user.role,
                      .family = family,
                      .epoch = user.token_epoch,
                      .issued = now,
                      .expires = now + kAccessLife};
  return {.access_token = keys_.load()->sign(claims),
          .refresh_token = family + "." + secret,
          .expires_in = std::chrono::seconds(kAccessLife).count(),
          .user = view(user)};
}

runtime::TaskResult<SessionAnswer> SessionService::start_session(store::UserRecord user,
                                                                 Visitor visitor) {
  const auto family = base::new_id("ses");
  const auto secret = base::secure_token(32);
  const auto now = store_.clock().wall();
  user.last_login_at = now;
  const store::SessionRecord session{.family_id = family,
                                     .user_id = user.id,
                                     .token_hash = base::sha256_hex(secret),
                                     .issued_at = now,
                                     .expires_at = now + kRefreshLife,
                                     .agent = visitor.agent.substr(0, 200),
                                     .address = visitor.address,
                                     .last_used_at = now};
  auto saved = co_await change("session",
                               [session, id = user.id, epoch = user.token_epoch,
                                now](store::Connection& db) -> base::Result<void> {
                                 // Hashing takes a while: he may have been disabled, or his
                                 // password changed, meanwhile.
                                 auto current = store::is_current(db, id, epoch);
                                 if (!current) return std::unexpected(current.error());
                                 if (!*current) return not_logged_in();
                                 if (auto done = store::save_session(db, session); !done)
                                   return done;
                                 return store::note_login(db, id, now);
                               });
  if (!saved) co_return std::unexpected(saved.error());
  co_return answer(user, family, secret);
}

runtime::Task<SessionService::Refreshed> SessionService::refresh(std::string refresh_token,
                                                                 Visitor visitor) {
  const auto dot = refresh_token.find('.');
  if (dot == std::string::npos || refresh_token.size() > 200)
    co_return Refreshed{.answer = not_logged_in(), .revoked_of = {}};
  const auto family = refresh_token.substr(0, dot);
  const auto hash = base::sha256_hex(refresh_token.substr(dot + 1));
  const auto secret = base::secure_token(32);
  const auto now = store_.clock().wall();
  enum class Verdict { unknown, reused, good };
  Verdict verdict = Verdict::unknown;
  std::string user_id;
  auto rotated = co_await store_.write(
      "session", [&, next = base::sha256_hex(secret)](store::Connection& db) -> base::Result<void> {
        auto found = store::find_session(db, family);
        if (!found) return std::unexpected(found.error());
        if (!*found || (*found)->revoked || (*found)->expires_at < now) return {};
        auto session = **found;
        user_id = session.user_id;
        // An old token of a living family: somebody has a copy. Both lose.
        verdict =
            base::equal_constant_time(session.token_hash, hash) ? Verdict::good : Verdict::reused;
        session.revoked = verdict == Verdict::reused;
        if (verdict == Verdict::good) {
          session.token_hash = next;
          session.expires_at = now + kRefreshLife;
          session.last_used_at = now;
        }
        return store::save_session(db, session);
      });
  if (!rotated) co_return Refreshed{.answer = std::unexpected(rotated.error()), .revoked_of = {}};
  const auto all = directory_.load();
  const auto* user = user_id.empty() ? nullptr : all->find_user(user_id);
  Refreshed out{.answer = not_logged_in(), .revoked_of = {}};
  if (verdict == Verdict::reused) {
    ended(family);
    out.revoked_of = user == nullptr ? user_id : user->username;
    base::log(base::LogLevel::warning, "auth",
              "a used refresh token came again from {}: the session of {} is revoked",
              visitor.address, out.revoked_of);
  }
  if (verdict == Verdict::good && user != nullptr && !user->disabled)
    out.answer = answer(*user, family, secret);
  co_return out;
}

runtime::TaskResult<bool> SessionService::logout(std::string refresh_token) {
  const auto dot = refresh_token.find('.');
  if (dot == std::string::npos) co_return true;
  const auto family = refresh_token.substr(0, dot);
  const auto hash = base::sha256_hex(refresh_token.substr(dot + 1));
  bool ours = false;
  auto done = co_await store_.write("session", [&](store::Connection& db) -> base::Result<void> {
    auto found = store::find_session(db, family);
    if (!found) return std::unexpected(found.error());
    ours = *found && base::equal_constant_time((*found)->token_hash, hash);
    return ours ? store::revoke_session(db, family) : base::Result<void>();
  });
  if (!done) co_return std::unexpected(done.error());
  if (ours) ended(family);
  co_return true;
}

runtime::TaskResult<bool> SessionService::end_session(std::string id) {
  auto done = co_await store_.write(
      "session", [id](store::Connection& db) { return store::revoke_session(db, id); });
  if (!done) co_return std::unexpected(done.error());
  ended(id);
  co_return true;
}

void SessionService::ended(const std::string& family) {
  const auto now = store_.clock().wall();
  // An access token outlives its family by its own life at most.
  ended_families_.clear_if([&](base::WallTime at) { return now - at > 2 * kAccessLife; });
  ended_families_.put(family, std::make_shared<base::WallTime>(now));
  tell();
}

runtime::TaskResult<bool> SessionService::change_password(std::string user_id, std::string current,
                                                          std::string next) {
  const auto all = directory_.load();
  const auto* found = all->find_user(user_id);
  if (found == nullptr) co_return not_logged_in();
  auto user = *found;
  if (auto fine = check_new_password(next, "/new_password"); !fine)
    co_return std::unexpected(fine.error());
  // Who came by the first link never saw the made-up password.
  if (!user.must_change_password) {
    auto right = co_await passwords_.verify(user.password_hash, std::move(current));
    if (!right) co_return std::unexpected(right.error());
    if (!*right) co_return base::bad_field("/current_password", "is wrong");
  }
  auto hash = co_await passwords_.hash(std::move(next));
  if (!hash) co_return std::unexpected(hash.error());
  user.password_hash = std::move(*hash);
  user.must_change_password = false;
  co_return co_await save_user(std::move(user), false);
}

runtime::TaskResult<bool> SessionService::change(std::string what, store::Store::Work work) {
  auto next = std::make_shared<Directory>();
  const auto before = directory_.load();
  auto done = co_await store_.write(std::move(what),
                                    [this, &next, before, work = std::move(work)](
                                        store::Connection& db) mutable -> base::Result<void> {
                                      if (auto changed = work(db); !changed) return changed;
                                      auto read = read_directory(db, before.get());
                                      if (!read) return std::unexpected(read.error());
                                      *next = std::move(*read);
                                      next->version = ++directory_version_;
                                      return {};
                                    });
  if (!done) co_return std::unexpected(done.error());
  directory_.store_if(std::move(next), [](const Directory& old, const Directory& fresh) {
    return fresh.version > old.version;
  });
  tell();
  co_return true;
}

runtime::TaskResult<bool> SessionService::save_user(store::UserRecord user, bool ends_sessions) {
  if (ends_sessions) ++user.token_epoch;
  return change("user", [user, ends_sessions](store::Connection& db) -> base::Result<void> {
    if (auto done = store::save_user(db, user); !done) return done;
    return ends_sessions ? store::revoke_sessions_of(db, user.id) : base::Result<void>{};
  });
}

UserView SessionService::view(const store::UserRecord& user) const {
  const auto rights = directory_.load()->rights_of(user);
  UserView out{.id = user.id,
               .username = user.username,
               .email = user.email,
               .role = user.role,
               .permissions = rights ? rights->permissions() : std::vector<std::string>(),
               .must_change_password = user.must_change_password,
               .disabled = user.disabled,
               .created_at = base::format_rfc3339(user.created_at)};
  if (user.last_login_at) out.last_login_at = base::format_rfc3339(*user.last_login_at);
  return out;
}

}  // namespace telltale::auth
