// SessionService: who is who. Logins, refresh families with reuse detection, one-time codes and
// tickets. authenticate() does no I/O: the users are kept in an immutable snapshot that is replaced
// on each change, so a disabled user or a new role counts at once, on every loop. Owned by the
// composition root.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "auth/jwt.hpp"
#include "auth/password.hpp"
#include "base/describe.hpp"
#include "base/published.hpp"
#include "runtime/operation.hpp"
#include "runtime/shared_map.hpp"
#include "store/users.hpp"

namespace telltale::auth {

struct UserView {
  std::string id, username, email, role;
  std::vector<std::string> permissions;
  bool must_change_password = false;
  bool disabled = false;
  std::string created_at;
  std::optional<std::string> last_login_at;
};
BOOST_DESCRIBE_STRUCT(UserView, (),
                      (id, username, email, role, permissions, must_change_password, disabled,
                       created_at, last_login_at))

struct SessionAnswer {
  std::string access_token, refresh_token, token_type = "bearer";
  std::int64_t expires_in = 0;
  UserView user;
};
BOOST_DESCRIBE_STRUCT(SessionAnswer, (),
                      (access_token, refresh_token, token_type, expires_in, user))

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

  // Blocks (start-up): reads the users and the signing key, or makes them. `secret_key` "" means
  // the stored one.
  static base::Result<std::unique_ptr<SessionService>> open(store::Store& store,
                                                            runtime::BlockingPool& blocking,
                                                            const std::string& secret_key);
  SessionService(const SessionService&) = delete;
  SessionService& operator=(const SessionService&) = delete;

  // Makes the admin when there is no user yet, and a fresh code for the start-up link. Blocks.
  base::Result<FirstRun> first_run(const std::string& admin_password);

  base::Result<Authenticated> authenticate(std::string_view access_token) const;
  base::Result<Authenticated> redeem_ticket(const std::string& ticket);
  std::string make_ticket(const runtime::Actor& actor);

  runtime::TaskResult<SessionAnswer> login(std::string name, std::string password, Visitor visitor);
  runtime::TaskResult<SessionAnswer> exchange_code(std::string code, Visitor visitor);
  runtime::TaskResult<SessionAnswer> refresh(std::string refresh_token, Visitor visitor);
  runtime::TaskResult<bool> logout(std::string refresh_token);
  runtime::TaskResult<bool> change_password(std::string user_id, std::string current,
                                            std::string next);

  std::vector<store::UserRecord> users() const;
  std::optional<store::UserRecord> find_user(std::string_view id_or_name) const;
  // Saves durably, then everybody sees it. `before_save` sees the users as they are at that moment.
  runtime::TaskResult<bool> save_user(store::UserRecord user, bool ends_sessions);
  runtime::TaskResult<bool> remove_user(std::string id);
  PasswordHasher& passwords() noexcept { return passwords_; }

  static UserView view(const store::UserRecord& user);

 private:
  using Users = std::map<std::string, store::UserRecord>;
  struct Ticket {
    runtime::Actor actor;
    base::SteadyTime expires;
  };
  struct Failures {
    std::atomic<int> count{0};
    std::atomic<std::int64_t> blocked_until{0};  // steady nanoseconds
  };

  SessionService(store::Store& store, runtime::BlockingPool& blocking, TokenKey key, Users users);
  runtime::TaskResult<SessionAnswer> start_session(store::UserRecord user, Visitor visitor);
  SessionAnswer answer(const store::UserRecord& user, const std::string& family,
                       const std::string& secret) const;
  base::Result<void> check_lockout(const std::string& key) const;
  void note_failure(const std::string& key);
  runtime::TaskResult<bool> reload();

  store::Store& store_;
  PasswordHasher passwords_;
  TokenKey key_;
  base::Published<Users> users_;
  runtime::SharedMap<Ticket> tickets_;
  runtime::SharedMap<Failures> failures_;
  runtime::SharedMap<base::WallTime>
      ended_families_;  // logged out or stolen: their access tokens end at once
};

}  // namespace telltale::auth
