#include "auth/directory.hpp"

#include <algorithm>

#include "auth/roles.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace telltale::auth {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <class T>
base::Result<T> parse(const std::string& text) {
  auto json = base::parse_json(text);
  if (!json) return std::unexpected(json.error());
  return base::from_json<T>(*json);
}

void add_roles(Directory& out, std::vector<store::RoleRecord> records) {
  for (const auto name : builtin_roles())
    out.roles.emplace(name, Role{.name = std::string(name),
                                 .description = std::string(builtin_description(name)),
                                 .builtin = true,
                                 .rights = builtin_rights(name)});
  for (auto& record : records) {
    auto grants = parse_grants(record.grants);
    // A role that cannot be read gives nothing; its name stays taken.
    if (!grants)
      base::log(base::LogLevel::error, "auth", "the role {} is damaged: {}", record.name,
                grants.error().detail);
    auto rights = std::make_shared<const runtime::Rights>(grants ? std::move(*grants)
                                                                 : std::vector<runtime::Grant>());
    out.roles.emplace(record.name, Role{.name = record.name,
                                        .description = std::move(record.description),
                                        .rights = std::move(rights)});
  }
}

void add_tokens(Directory& out, std::vector<store::TokenRecord> records, const Directory* before) {
  for (auto& record : records) {
    auto scopes = parse<std::vector<std::string>>(record.scopes);
    // One whose scopes are damaged must not become one without a limit.
    if (!scopes) {
      base::log(base::LogLevel::error, "auth", "the token {} is damaged and left out", record.id);
      continue;
    }
    const auto* known = before == nullptr ? nullptr : before->find_token(record.id);
    const auto last = record.last_used_at ? base::unix_ms(*record.last_used_at) : std::int64_t{0};
    ApiToken token{.record = record,
                   .scopes = std::move(*scopes),
                   .last_used_ms = known != nullptr
                                       ? known->last_used_ms
                                       : std::make_shared<std::atomic<std::int64_t>>(last)};
    out.tokens.emplace(record.token_hash, std::move(token));
  }
}

}  // namespace

base::Result<std::vector<runtime::Grant>> parse_grants(const std::string& json) {
  return parse<std::vector<runtime::Grant>>(json);
}

const store::UserRecord* Directory::find_user(std::string_view id_name_or_email) const {
  if (const auto found = users.find(std::string(id_name_or_email)); found != users.end())
    return &found->second;
  for (const auto& [id, user] : users)
    if (same_word(user.username, id_name_or_email) ||
        (!user.email.empty() && same_word(user.email, id_name_or_email)))
      return &user;
  return nullptr;
}

const ApiToken* Directory::find_token(std::string_view id) const {
  for (const auto& [hash, token] : tokens)
    if (token.record.id == id) return &token;
  return nullptr;
}

runtime::RightsPtr Directory::rights_of(const store::UserRecord& user) const {
  const auto found = roles.find(user.role);
  return found == roles.end() ? nullptr : found->second.rights;
}

base::Result<Directory> read_directory(store::Connection& db, const Directory* before) {
  Directory out;
  auto users = store::list_users(db);
  if (!users) return std::unexpected(users.error());
  for (auto& user : *users) out.users.emplace(user.id, user);
  auto roles = store::list_roles(db);
  if (!roles) return std::unexpected(roles.error());
  add_roles(out, std::move(*roles));
  auto tokens = store::list_tokens(db);
  if (!tokens) return std::unexpected(tokens.error());
  add_tokens(out, std::move(*tokens), before);
  return out;
}

}  // namespace telltale::auth
