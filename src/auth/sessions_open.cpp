// How the session service starts: its keys and its first user.
#include <algorithm>

#include "auth/sessions.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::auth {
namespace {

constexpr auto kCodeLife = std::chrono::hours(24);
constexpr std::string_view kKey = "token_key";
constexpr std::string_view kPreviousKey = "token_key_previous";
constexpr std::string_view kRotatedAt = "token_key_rotated_at";
// As long as an access token of the old key may live, and the skew it is granted.
constexpr auto kOverlap = SessionService::kAccessLife + std::chrono::minutes(2);

base::Result<std::vector<TokenKey>> given_keys(std::string_view list) {
  std::vector<TokenKey> out;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    auto key = TokenKey::from_bytes(std::string(list.substr(0, end)));
    if (!key) return std::unexpected(key.error());
    out.push_back(std::move(*key));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

// Newest first; the one before only while its tokens may live.
base::Result<std::vector<std::string>> stored_keys(store::Connection& db, base::WallTime now) {
  auto current = store::get_setting(db, std::string(kKey));
  if (!current) return std::unexpected(current.error());
  if (!*current) {
    *current = base::secure_token(48);
    if (auto saved = store::set_setting(db, std::string(kKey), **current); !saved)
      return std::unexpected(saved.error());
  }
  std::vector<std::string> out{**current};
  auto previous = store::get_setting(db, std::string(kPreviousKey));
  auto rotated = store::get_setting(db, std::string(kRotatedAt));
  if (!previous) return std::unexpected(previous.error());
  if (!rotated) return std::unexpected(rotated.error());
  if (!*previous || !*rotated) return out;
  const auto at = base::parse_rfc3339(**rotated);
  if (at && now - *at < kOverlap) out.push_back(**previous);
  return out;
}

base::Result<std::vector<TokenKey>> keys_of(const std::vector<std::string>& texts) {
  std::vector<TokenKey> out;
  for (const auto& text : texts) {
    auto key = TokenKey::from_bytes(text);
    if (!key) return std::unexpected(key.error());
    out.push_back(std::move(*key));
  }
  return out;
}

}  // namespace

SessionService::SessionService(store::Store& store, runtime::BlockingPool& blocking, TokenKeys keys,
                               bool keys_are_given, Directory directory)
    : store_(store),
      passwords_(blocking),
      keys_(std::make_shared<const TokenKeys>(std::move(keys))),
      keys_are_given_(keys_are_given),
      directory_(std::make_shared<const Directory>(std::move(directory))),
      lockout_(store.clock()) {}

base::Result<std::unique_ptr<SessionService>> SessionService::open(store::Store& store,
                                                                   runtime::BlockingPool& blocking,
                                                                   const std::string& secret_key) {
  Directory directory;
  std::vector<std::string> texts;
  std::vector<std::string> ended;
  auto read = store.write_now([&](store::Connection& db) -> base::Result<void> {
    auto all = read_directory(db, nullptr);
    if (!all) return std::unexpected(all.error());
    directory = std::move(*all);
    // Their access tokens may still run.
    auto recent = store::list_ended_sessions(db, store.clock().wall() - kOverlap);
    if (!recent) return std::unexpected(recent.error());
    ended = std::move(*recent);
    if (!secret_key.empty()) return {};
    auto kept = stored_keys(db, store.clock().wall());
    if (!kept) return std::unexpected(kept.error());
    texts = std::move(*kept);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  auto keys = secret_key.empty() ? keys_of(texts) : given_keys(secret_key);
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<SessionService> out(new SessionService(
      store, blocking, TokenKeys(std::move(*keys)), !secret_key.empty(), std::move(directory)));
  for (const auto& family : ended) out->ended(family);
  return out;
}

runtime::TaskResult<bool> SessionService::rotate_key() {
  if (keys_are_given_)
    co_return base::fail(base::Code::conflict,
                         "the key is SECRET_KEY's: put a new one before it, separated by a comma, "
                         "and start again");
  const auto now = store_.clock().wall();
  std::vector<std::string> texts;
  auto done = co_await store_.write("token key", [&](store::Connection& db) -> base::Result<void> {
    auto kept = stored_keys(db, now);
    if (!kept) return std::unexpected(kept.error());
    texts = {base::secure_token(48), kept->front()};
    for (const auto& [name, value] : {std::pair{kKey, texts[0]}, std::pair{kPreviousKey, texts[1]},
                                      std::pair{kRotatedAt, base::format_rfc3339(now)}})
      if (auto saved = store::set_setting(db, std::string(name), value); !saved) return saved;
    return {};
  });
  if (!done) co_return std::unexpected(done.error());
  auto keys = keys_of(texts);
  if (!keys) co_return std::unexpected(keys.error());
  keys_.store(std::make_shared<const TokenKeys>(std::move(*keys)));
  co_return true;
}

base::Result<FirstRun> SessionService::first_run(const std::string& admin_password) {
  FirstRun out{.login_code = base::secure_token(32)};
  auto directory = *directory_.load();
  std::optional<store::UserRecord> created;
  if (directory.users.empty()) {
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
    directory.users.emplace(created->id, *created);
  }
  const auto admin = std::ranges::find_if(directory.users, [](const auto& item) {
    return item.second.role == "admin" && !item.second.disabled;
  });
  if (admin == directory.users.end())
    return base::fail(base::Code::conflict, "no admin is left in the store");
  auto saved = store_.write_now([&](store::Connection& db) -> base::Result<void> {
    if (created)
      if (auto done = store::save_user(db, *created); !done) return done;
    return store::save_login_code(db, base::sha256_hex(out.login_code), admin->first,
                                  store_.clock().wall() + kCodeLife);
  });
  if (!saved) return std::unexpected(saved.error());
  directory_.store(std::make_shared<const Directory>(std::move(directory)));
  return out;
}

}  // namespace telltale::auth
