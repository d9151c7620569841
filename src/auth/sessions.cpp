#include "auth/sessions.hpp"

#include <algorithm>

#include "auth/roles.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace telltale::auth {
namespace {

constexpr int kFreeFailures = 5;
constexpr auto kTicketLife = std::chrono::seconds(30);
constexpr auto kCodeLife = std::chrono::hours(24);
constexpr std::size_t kTicketLimit = 10'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

runtime::Actor actor_of(const store::UserRecord& user) {
  return {.id = user.id,
          .name = user.username,
          .role = user.role,
          .permissions = permissions_of(user.role)};
}

std::unexpected<base::Error> not_logged_in() {
  return base::fail(base::Code::unauthenticated, "the session has ended; log in again");
}

}  // namespace

SessionService::SessionService(store::Store& store, runtime::BlockingPool& blocking, TokenKey key,
                               Users users)
    : store_(store),
      passwords_(blocking),
      key_(std::move(key)),
      users_(std::make_shared<const Users>(std::move(users))) {}

base::Result<std::unique_ptr<SessionService>> SessionService::open(store::Store& store,
                                                                   runtime::BlockingPool& blocking,
                                                                   const std::string& secret_key) {
  Users users;
  std::string key_bytes = secret_key;
  auto read = store.write_now([&](store::Connection& db) -> base::Result<void> {
    auto all = store::list_users(db);
    if (!all) return std::unexpected(all.error());
    for (auto& user : *all) users.emplace(user.id, user);
    if (!key_bytes.empty()) return {};
    auto kept = store::get_setting(db, "token_key");
    if (!kept) return std::unexpected(kept.error());
    key_bytes = kept->value_or("");
    if (!key_bytes.empty()) return {};
    key_bytes = base::secure_token(48);
    return store::set_setting(db, "token_key", key_bytes);
  });
  if (!read) return std::unexpected(read.error());
  auto key = TokenKey::from_bytes(std::move(key_bytes));
  if (!key) return std::unexpected(key.error());
  return std::unique_ptr<SessionService>(
      new SessionService(store, blocking, std::move(*key), std::move(users)));
}

base::Result<FirstRun> SessionService::first_run(const std::string& admin_password) {
  FirstRun out{.login_code = base::secure_token(32)};
  auto users = *users_.load();
  std::optional<store::UserRecord> created;
  if (users.empty()) {
    if (!admin_password.empty())
      if (auto fine = check_new_password(admin_password, "TELLTALE_ADMIN_PASSWORD"); !fine)
        return std::unexpected(fine.error());
    if (admin_password.empty()) out.admin_password = base::secure_token(15);
    auto hash = hash_password(admin_password.empty() ? *out.admin_password : admin_password);
    if (!hash) return std::unexpected(hash.error());
    created = store::UserRecord{.id = base::new_id("usr"),
                                .username = "admin",
                                .role = "admin",
                                .password_hash = std::move(*hash),
                                .must_change_password = admin_password.empty(),
                                .created_at = store_.clock().wall()};
    users.emplace(created->id, *created);
  }
  const auto admin = std::ranges::find_if(
      users, [](const auto& item) { return item.second.role == "admin" && !item.second.disabled; });
  if (admin == users.end())
    return base::fail(base::Code::conflict, "no admin is left in the store");
  auto saved = store_.write_now([&](store::Connection& db) -> base::Result<void> {
    if (created)
      if (auto done = store::save_user(db, *created); !done) return done;
    return store::save_login_code(db, base::sha256_hex(out.login_code), admin->first,
                                  store_.clock().wall() + kCodeLife);
  });
  if (!saved) return std::unexpected(saved.error());
  users_.store(std::make_shared<const Users>(std::move(users)));
  return out;
}

base::Result<Authenticated> SessionService::authenticate(std::string_view access_token) const {
  auto claims = key_.verify(access_token, store_.clock().wall());
  if (!claims) return std::unexpected(claims.error());
  const auto users = users_.load();
  const auto found = users->find(claims->subject);
  if (found == users->end() || found->second.disabled ||
      found->second.token_epoch != claims->epoch || ended_families_.find(claims->family))
    return not_logged_in();
  return Authenticated{.actor = actor_of(found->second), .expires = claims->expires};
}

std::string SessionService::make_ticket(const runtime::Actor& actor) {
  const auto now = store_.clock().now();
  if (tickets_.size() >= kTicketLimit)
    tickets_.clear_if([&](const Ticket& old) { return old.expires < now; });
  auto ticket = base::secure_token(32);
  tickets_.put(base::sha256_hex(ticket),
               std::make_shared<Ticket>(Ticket{actor, now + kTicketLife}));
  return ticket;
}

base::Result<Authenticated> SessionService::redeem_ticket(const std::string& ticket) {
  const auto found = tickets_.take(base::sha256_hex(ticket));
  if (!found || found->expires < store_.clock().now())
    return base::fail(base::Code::unauthenticated, "the ticket is unknown, used or over 30 s old");
  const auto user = find_user(found->actor.id);
  if (!user || user->disabled) return not_logged_in();
  return Authenticated{.actor = actor_of(*user), .expires = store_.clock().wall() + kAccessLife};
}

base::Result<void> SessionService::check_lockout(const std::string& key) const {
  const auto failures = failures_.find(key);
  if (!failures) return {};
  const auto left =
      failures->blocked_until.load() - store_.clock().now().time_since_epoch().count();
  if (left <= 0) return {};
  return std::unexpected(
      base::Error{.code = base::Code::rate_limited,
                  .detail = "too many failed logins; wait before the next",
                  .retry_after = std::chrono::milliseconds(left / 1'000'000 + 1)});
}

void SessionService::note_failure(const std::string& key) {
  auto failures = failures_.find(key);
  if (!failures) {
    if (failures_.size() > kTicketLimit) failures_.clear_if([](const Failures&) { return true; });
    failures = std::make_shared<Failures>();
    failures_.put(key, failures);
  }
  const int count = ++failures->count;
  if (count < kFreeFailures) return;
  const auto seconds = std::min(900, 1 << std::min(count - kFreeFailures, 10));
  failures->blocked_until =
      (store_.clock().now() + std::chrono::seconds(seconds)).time_since_epoch().count();
}

runtime::TaskResult<SessionAnswer> SessionService::login(std::string name, std::string password,
                                                         Visitor visitor) {
  const auto key = lower(name) + "|" + visitor.address;
  if (auto open = check_lockout(key); !open) co_return std::unexpected(open.error());
  const auto user = find_user(name);
  const bool usable = user && !user->disabled;
  auto right = co_await passwords_.verify(usable ? user->password_hash : "", std::move(password));
  if (!right) co_return std::unexpected(right.error());
  if (!usable || !*right) {
    note_failure(key);
    base::log(base::LogLevel::warning, "auth", "failed login from {}", visitor.address);
    co_return base::fail(base::Code::unauthenticated, "the user name or the password is wrong");
  }
  failures_.erase(key);
  co_return co_await start_session(*user, std::move(visitor));
}

runtime::TaskResult<SessionAnswer> SessionService::exchange_code(std::string code,
                                                                 Visitor visitor) {
  const auto key = "code|" + visitor.address;
  if (auto open = check_lockout(key); !open) co_return std::unexpected(open.error());
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
  const auto user = user_id ? find_user(*user_id) : std::nullopt;
  if (!user || user->disabled) {
    note_failure(key);
    co_return base::fail(base::Code::unauthenticated, "the login link is unknown, used or too old");
  }
  co_return co_await start_session(*user, std::move(visitor));
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
  return {.access_token = key_.sign(claims),
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
                                     .address = visitor.address};
  auto saved = co_await store_.write("session",
                                     [session, user](store::Connection& db) -> base::Result<void> {
                                       if (auto done = store::save_session(db, session); !done)
                                         return done;
                                       return store::save_user(db, user);
                                     });
  if (!saved) co_return std::unexpected(saved.error());
  if (auto seen = co_await reload(); !seen) co_return std::unexpected(seen.error());
  co_return answer(user, family, secret);
}

runtime::TaskResult<SessionAnswer> SessionService::refresh(std::string refresh_token,
                                                           Visitor visitor) {
  const auto dot = refresh_token.find('.');
  if (dot == std::string::npos || refresh_token.size() > 200) co_return not_logged_in();
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
        }
        return store::save_session(db, session);
      });
  if (!rotated) co_return std::unexpected(rotated.error());
  if (verdict == Verdict::reused) {
    ended_families_.put(family, std::make_shared<base::WallTime>(now));
    base::log(base::LogLevel::warning, "auth",
              "a used refresh token came again from {}: the session is revoked", visitor.address);
  }
  const auto user = verdict == Verdict::good ? find_user(user_id) : std::nullopt;
  if (!user || user->disabled) co_return not_logged_in();
  co_return answer(*user, family, secret);
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
    if (!*found || !base::equal_constant_time((*found)->token_hash, hash)) return {};
    ours = true;
    auto session = **found;
    session.revoked = true;
    return store::save_session(db, session);
  });
  if (!done) co_return std::unexpected(done.error());
  if (ours) ended_families_.put(family, std::make_shared<base::WallTime>(store_.clock().wall()));
  co_return true;
}

runtime::TaskResult<bool> SessionService::change_password(std::string user_id, std::string current,
                                                          std::string next) {
  auto user = find_user(user_id);
  if (!user) co_return not_logged_in();
  if (auto fine = check_new_password(next, "/new_password"); !fine)
    co_return std::unexpected(fine.error());
  // Who came by the first link never saw the made-up password.
  if (!user->must_change_password) {
    auto right = co_await passwords_.verify(user->password_hash, std::move(current));
    if (!right) co_return std::unexpected(right.error());
    if (!*right) co_return base::bad_field("/current_password", "is wrong");
  }
  auto hash = co_await passwords_.hash(std::move(next));
  if (!hash) co_return std::unexpected(hash.error());
  user->password_hash = std::move(*hash);
  user->must_change_password = false;
  co_return co_await save_user(std::move(*user), false);
}

std::vector<store::UserRecord> SessionService::users() const {
  std::vector<store::UserRecord> out;
  for (const auto& [id, user] : *users_.load()) out.push_back(user);
  return out;
}

std::optional<store::UserRecord> SessionService::find_user(std::string_view id_or_name) const {
  const auto users = users_.load();
  if (const auto found = users->find(std::string(id_or_name)); found != users->end())
    return found->second;
  const auto wanted = lower(id_or_name);
  for (const auto& [id, user] : *users)
    if (lower(user.username) == wanted || (!user.email.empty() && lower(user.email) == wanted))
      return user;
  return std::nullopt;
}

runtime::TaskResult<bool> SessionService::save_user(store::UserRecord user, bool ends_sessions) {
  if (ends_sessions) ++user.token_epoch;
  auto saved = co_await store_.write(
      "user", [user, ends_sessions](store::Connection& db) -> base::Result<void> {
        if (auto done = store::save_user(db, user); !done) return done;
        return ends_sessions ? store::revoke_sessions_of(db, user.id) : base::Result<void>{};
      });
  if (!saved) co_return std::unexpected(saved.error());
  co_return co_await reload();
}

runtime::TaskResult<bool> SessionService::remove_user(std::string id) {
  auto gone = co_await store_.write(
      "user", [id](store::Connection& db) { return store::delete_user(db, id); });
  if (!gone) co_return std::unexpected(gone.error());
  co_return co_await reload();
}

runtime::TaskResult<bool> SessionService::reload() {
  Users users;
  auto read = co_await store_.write("users", [&users](store::Connection& db) -> base::Result<void> {
    auto all = store::list_users(db);
    if (!all) return std::unexpected(all.error());
    for (auto& user : *all) users.emplace(user.id, user);
    return {};
  });
  if (!read) co_return std::unexpected(read.error());
  users_.store(std::make_shared<const Users>(std::move(users)));
  co_return true;
}

UserView SessionService::view(const store::UserRecord& user) {
  UserView out{.id = user.id,
               .username = user.username,
               .email = user.email,
               .role = user.role,
               .permissions = permissions_of(user.role),
               .must_change_password = user.must_change_password,
               .disabled = user.disabled,
               .created_at = base::format_rfc3339(user.created_at)};
  if (user.last_login_at) out.last_login_at = base::format_rfc3339(*user.last_login_at);
  return out;
}

}  // namespace telltale::auth
