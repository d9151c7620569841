// telltale user | role | token | session: who may use the server, and how.
#include <cstdio>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace telltale::cli {
namespace {

using base::JsonArray;
using base::JsonObject;

std::string words(const JsonObject& record, std::string_view key) {
  std::string out;
  if (const auto* list = base::find_array(record, key))
    for (const auto& item : *list)
      if (item.is_string()) out.append(out.empty() ? "" : ",").append(plain(item.get_string()));
  return out.empty() ? "-" : out;
}

template <class Line>
int print_list(const Connection& connection, const std::string& path, Line line) {
  auto answer = ask(connection, {.path = path});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  for (const auto& item : answer->at("items").as_array()) line(item.as_object());
  return 0;
}

int list_users(const Connection& connection) {
  return print_list(connection, "/api/users", [](const JsonObject& one) {
    fmt::print("{:<20} {:<14} {:<30} {}\n", text_of(one, "username"), text_of(one, "role"),
               text_of(one, "id"),
               base::find_bool(one, "disabled").value_or(false) ? "disabled" : "");
  });
}

int list_roles(const Connection& connection) {
  return print_list(connection, "/api/roles", [](const JsonObject& one) {
    fmt::print("{:<16} {:<10} {}\n", text_of(one, "name"),
               base::find_bool(one, "builtin").value_or(false) ? "built in" : "",
               text_of(one, "description"));
    for (const auto& grant : one.at("grants").as_array()) {
      const auto& record = grant.as_object();
      fmt::print("    {} on servers {}, tools {}\n", words(record, "permissions"),
                 words(record, "servers"), words(record, "tools"));
    }
  });
}

int list_tokens(const Connection& connection) {
  return print_list(connection, "/api/tokens", [](const JsonObject& one) {
    fmt::print("{:<32} {:<20} {:<14} {:<12} ends {} used {} {}\n", text_of(one, "id"),
               text_of(one, "name"), text_of(one, "prefix") + "…", text_of(one, "owner"),
               text_of(one, "expires_at"), text_of(one, "last_used_at"), words(one, "scopes"));
  });
}

int list_sessions(const Connection& connection) {
  return print_list(connection, "/api/sessions", [](const JsonObject& one) {
    fmt::print("{:<32} {:<14} {:<24} {:<16} {}\n", text_of(one, "id"), text_of(one, "user"),
               text_of(one, "last_used_at"), text_of(one, "address"), text_of(one, "agent"));
  });
}

int done(const Connection& connection, base::Result<base::Json> answer, const std::string& name,
         const char* what) {
  if (!answer) return complain(answer.error());
  if (connection.json && !answer->is_null()) return print_json(*answer);
  fmt::print("{}: {}\n", name, what);
  return 0;
}

}  // namespace

int Commands::manage_users() {
  if (access_.verb == "list") return list_users(connection_);
  const auto path = "/api/users/" + base::percent_encode(access_.name);
  const auto put = [&](JsonObject body) {
    return done(connection_,
                ask(connection_, {.method = "PUT", .path = path, .body = std::move(body)}),
                access_.name, "done");
  };
  if (access_.verb == "role") return put({{"role", access_.role}});
  if (access_.verb == "password") return put({{"password", access_.password}});
  if (access_.verb == "disable" || access_.verb == "enable")
    return put({{"disabled", access_.verb == "disable"}});
  if (access_.verb == "delete")
    return done(connection_, ask(connection_, {.method = "DELETE", .path = path}), access_.name,
                "deleted");
  JsonObject body{{"username", access_.name}, {"role", access_.role}, {"email", access_.email}};
  if (!access_.password_hash.empty())
    body["password_hash"] = access_.password_hash;
  else
    body["password"] = access_.password;
  return done(connection_,
              ask(connection_, {.method = "POST", .path = "/api/users", .body = std::move(body)}),
              access_.name, "added");
}

int Commands::manage_roles() {
  if (access_.verb == "list") return list_roles(connection_);
  const auto path = "/api/roles/" + base::percent_encode(access_.name);
  if (access_.verb == "delete")
    return done(connection_, ask(connection_, {.method = "DELETE", .path = path}), access_.name,
                "deleted");
  auto grants = base::parse_json(access_.grants);
  if (!grants || !grants->is_array())
    return complain({.detail = "--grants must be a JSON list such as "
                               "'[{\"permissions\":[\"tools:call\"],\"servers\":[\"git-*\"]}]'"});
  JsonObject body{{"description", access_.description}, {"grants", std::move(*grants)}};
  if (access_.verb == "set")
    return done(connection_,
                ask(connection_, {.method = "PUT", .path = path, .body = std::move(body)}),
                access_.name, "changed");
  body["name"] = access_.name;
  return done(connection_,
              ask(connection_, {.method = "POST", .path = "/api/roles", .body = std::move(body)}),
              access_.name, "added");
}

int Commands::manage_tokens() {
  if (access_.verb == "list") return list_tokens(connection_);
  if (access_.verb == "delete")
    return done(connection_,
                ask(connection_, {.method = "DELETE",
                                  .path = "/api/tokens/" + base::percent_encode(access_.name)}),
                access_.name, "ended");
  JsonArray scopes;
  for (const auto& scope : access_.scopes) scopes.push_back(base::Json(scope));
  auto answer = ask(connection_, {.method = "POST",
                                  .path = "/api/tokens",
                                  .body = JsonObject{{"name", access_.name},
                                                     {"scopes", std::move(scopes)},
                                                     {"expires_in_days", access_.days}}});
  if (!answer) return complain(answer.error());
  if (connection_.json) return print_json(*answer);
  // The token alone on stdout, for scripts.
  fmt::print(stderr, "shown this once:\n");
  fmt::print("{}\n", text_of(answer->as_object(), "token"));
  return 0;
}

int Commands::manage_sessions() {
  if (access_.verb == "list") return list_sessions(connection_);
  return done(connection_,
              ask(connection_, {.method = "DELETE",
                                .path = "/api/sessions/" + base::percent_encode(access_.name)}),
              access_.name, "ended");
}

void Commands::add_access_to(CLI::App& app) {
  const auto verbs = [&](CLI::App* command, std::vector<std::string> known, const char* name) {
    command->add_option("verb", access_.verb, "What to do")
        ->required()
        ->check(CLI::IsMember(std::move(known)));
    command->add_option("name", access_.name, name);
  };
  auto* const user = add(app, "user", "Manage users", [this] { return manage_users(); }, true);
  verbs(user, {"list", "add", "role", "password", "disable", "enable", "delete"},
        "User name or id");
  user->add_option("--role", access_.role, "viewer, operator, admin or a role of your own")
      ->capture_default_str();
  user->add_option("--email", access_.email, "E-mail");
  user->add_option("--new-password", access_.password, "The user's password")
      ->envname("TELLTALE_NEW_PASSWORD");
  user->add_option("--password-hash", access_.password_hash,
                   "Instead of it: an argon2id or bcrypt hash from another program");

  auto* const role = add(app, "role", "Manage roles", [this] { return manage_roles(); }, true);
  verbs(role, {"list", "add", "set", "delete"}, "Role");
  role->add_option("--grants", access_.grants,
                   "JSON list of {permissions, servers, tools}; the last two are patterns")
      ->capture_default_str();
  role->add_option("--description", access_.description, "One line");

  auto* const token =
      add(app, "token", "Manage API tokens", [this] { return manage_tokens(); }, true);
  verbs(token, {"list", "add", "delete"}, "The name of a new one, or an id");
  token->add_option("--scope", access_.scopes,
                    "A permission it is limited to; none: all that you have");
  token->add_option("--days", access_.days, "Days it lives; 0 is for ever")->capture_default_str();

  auto* const session =
      add(app, "session", "List and end sessions", [this] { return manage_sessions(); }, true);
  verbs(session, {"list", "end"}, "Id");
}

}  // namespace telltale::cli
