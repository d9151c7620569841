// SessionService: who is who. Logins, refresh families with reuse detection, API tokens, one-time
// codes and tickets. authenticate() does no I/O: users, roles and tokens are in an immutable
// Directory that is replaced on each change, so a disabled user, a new role or an ended session
// counts at once, on every loop, for open WebSockets too (on_change). Owned by the composition
// root.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "auth/directory.hpp"
#include "auth/jwt.hpp"
#include "auth/lockout.hpp"
#include "auth/password.hpp"
#include "auth/views.hpp"
#include "base/published.hpp"
#include "runtime/operation.hpp"
#include "runtime/shared_map.hpp"

namespace telltale::auth {

// An API token is "tt_" and 256 random bits; its record's id begins with "tok".
constexpr std::string_view kApiTokenPrefix = "tt_";
constexpr std::string_view kApiTokenId = "tok_";

struct Visitor {
  std::string address;
  std::string agent;
};

struct Authenticated {
  runtime::Actor actor;
  base::WallTime expires;
};

struct FirstRun {
  std::optional<std::string> admin_password;  // made up now, to be printed once
  std::string login_code;                     // for the start-up link
};

class SessionService {
 public:
  static constexpr auto kAccessLife = std::chrono::minutes(15);
  static constexpr auto kRefreshLife = std::chrono::hours(24 * 30);
  using DirectoryPtr = std::shared_ptr<const Directory>;

  // Blocks (start-up): reads the directory and the signing keys, or makes a key. `secret_key` is
  // SECRET_KEY: keys separated by commas, the first signs; "" means the stored ones.
  static base::Result<std::unique_ptr<SessionService>> open(store::Store& store,
                                                            runtime::BlockingPool& blocking,
                                                            const std::string& secret_key);
  SessionService(const SessionService&) = delete;
  SessionService& operator=(const SessionService&) = delete;

  // Makes the admin when there is no user yet, and a fresh code for the start-up link. Blocks.
  base::Result<FirstRun> first_run(const std::string& admin_password);

  // An access token or an API token.
  base::Result<Authenticated> authenticate(std::string_view token) const;
  // The same actor as he is now: his rights may have changed, his session may have ended.
  base::Result<runtime::Actor> renew(const runtime::Actor& actor) const;
  // A user as he is now, for what runs in his name while he is away; limited to what the API token
  // may by which he asked for it ("": none).
  base::Result<runtime::Actor> stand_in(const std::string& user_id, const std::string& token) const;
  // Called after each change of users, roles, tokens or sessions; any thread. Set before start.
  void on_change(std::function<void()> listener) { changed_ = std::move(listener); }

  base::Result<Authenticated> redeem_ticket(const std::string& ticket);
  std::string make_ticket(const runtime::Actor& actor);

  runtime::TaskResult<SessionAnswer> login(std::string name, std::string password, Visitor visitor);
  runtime::TaskResult<SessionAnswer> exchange_code(std::string code, Visitor visitor);
  struct Refreshed {
    base::Result<SessionAnswer> answer;
    std::string revoked_of;  // whose session ended: its token had been used before
  };
  runtime::Task<Refreshed> refresh(std::string refresh_token, Visitor visitor);
  // An access token of an administrator for this program itself (its test client, its self tests).
  // It lives as long as others do and belongs to no session. unavailable: no administrator.
  base::Result<std::string> own_token() const;
  runtime::TaskResult<bool> logout(std::string refresh_token);
  runtime::TaskResult<bool> end_session(std::string id);
  runtime::TaskResult<bool> change_password(std::string user_id, std::string current,
                                            std::string next);
  // A new signing key; tokens of the one before live on until they expire.
  runtime::TaskResult<bool> rotate_key();

  DirectoryPtr directory() const { return directory_.load(); }
  // One durable change of the directory: it is on disk, and then everybody sees it.
  runtime::TaskResult<bool> change(std::string what, store::Store::Work work);
  runtime::TaskResult<bool> save_user(store::UserRecord user, bool ends_sessions);
  PasswordHasher& passwords() noexcept { return passwords_; }
  store::Store& store() noexcept { return store_; }
  UserView view(const store::UserRecord& user) const;

 private:
  struct Ticket {
    runtime::Actor actor;
    base::WallTime session_expires;
    base::SteadyTime expires;
  };

  SessionService(store::Store& store, runtime::BlockingPool& blocking, TokenKeys keys,
                 bool keys_are_given, Directory directory);
  base::Result<Authenticated> authenticate_api_token(std::string_view token) const;
  runtime::TaskResult<SessionAnswer> start_session(store::UserRecord user, Visitor visitor);
  runtime::TaskResult<bool> renew_hash(std::string user_id, std::string password);
  SessionAnswer answer(const store::UserRecord& user, const std::string& family,
                       const std::string& secret) const;
  void ended(const std::string& family);
  void tell() const {
    if (changed_) changed_();
  }

  store::Store& store_;
  PasswordHasher passwords_;
  base::Published<TokenKeys> keys_;
  const bool keys_are_given_;
  base::Published<Directory> directory_;
  std::uint64_t directory_version_ = 0;  // on the store's writer only
  runtime::SharedMap<Ticket> tickets_;
  Lockout lockout_;
  runtime::SharedMap<base::WallTime>
      ended_families_;  // logged out or stolen: their access tokens end at once
  std::function<void()> changed_;
};

}  // namespace telltale::auth
