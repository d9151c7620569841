#include "cli/discover.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace telltale::cli {
namespace {

std::string_view state_of(const base::JsonObject& server) {
  if (base::find_bool(server, "known").value_or(false)) return "here already";
  return base::find_bool(server, "disabled").value_or(false) ? "switched off" : "";
}

void print_file(const base::JsonObject& file) {
  fmt::print("{}  {}  {}\n", text_of(file, "source"), text_of(file, "program"),
             text_of(file, "path"));
  if (base::find_string(file, "error")) fmt::print("    {}\n", text_of(file, "error"));
  for (const auto& item : file.at("servers").as_array()) {
    const auto& server = item.as_object();
    const auto error = base::find_string(server, "error");
    fmt::print("    {:<24} {:<6} {:<13} {}\n", text_of(server, "name"),
               text_of(server, "transport"), state_of(server),
               error ? text_of(server, "error") : text_of(server, "target"));
  }
}

int list(const Connection& connection) {
  auto answer = ask(connection, {.path = "/api/fleet/discover"});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  const auto& files = answer->at("items").as_array();
  if (files.empty()) fmt::print("Nothing was found.\n");
  for (const auto& file : files) print_file(file.as_object());
  return 0;
}

int take_over(const Connection& connection, const DiscoverArguments& given) {
  base::JsonArray names;
  for (const auto& name : given.servers) names.push_back(base::Json(name));
  auto answer =
      ask(connection,
          {.method = "POST",
           .path = "/api/fleet/import",
           .body = base::JsonObject{{"source", given.source}, {"servers", std::move(names)}},
           .wait_s = 90});
  if (!answer) return complain(answer.error());
  const auto& failed = answer->at("failed").as_array();
  if (connection.json) return print_json(*answer) + (failed.empty() ? 0 : 2);
  for (const auto& name : answer->at("added").as_array())
    fmt::print("{}: added\n", plain(name.as_string()));
  for (const auto& one : failed)
    fmt::print("{}: {}\n", text_of(one.as_object(), "name"), text_of(one.as_object(), "error"));
  return failed.empty() ? 0 : 2;
}

}  // namespace

int run_discover(const Connection& connection, const DiscoverArguments& given) {
  return given.servers.empty() ? list(connection) : take_over(connection, given);
}

}  // namespace telltale::cli
