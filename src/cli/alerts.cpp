#include "cli/alerts.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/output.hpp"

namespace telltale::cli {
namespace {

using base::JsonObject;

int list_alerts(const Connection& connection) {
  auto answer = ask(connection, {.path = "/api/alerts"});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  const auto& items = answer->at("items").as_array();
  if (items.empty()) fmt::print("Nothing fires.\n");
  for (const auto& item : items) {
    const auto& one = item.as_object();
    fmt::print("{:<30}  {:<8}  {:<12}  {}  {}\n", text_of(one, "id"), text_of(one, "severity"),
               text_of(one, "state"), text_of(one, "fired_at"), text_of(one, "summary"));
  }
  return 0;
}

int list_rules(const Connection& connection) {
  auto answer = ask(connection, {.path = "/api/alerts/rules"});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  for (const auto& item : answer->at("items").as_array()) {
    const auto& one = item.as_object();
    const bool on = base::find_bool(one, "enabled").value_or(false);
    fmt::print("{:<30}  {:<8}  {:<3}  {}: {}\n", text_of(one, "id"), text_of(one, "severity"),
               on ? "on" : "off", text_of(one, "name"), text_of(one, "sentence"));
  }
  return 0;
}

int acknowledge(const Connection& connection, const AlertArguments& given) {
  auto answer =
      ask(connection, {.method = "POST",
                       .path = "/api/alerts/" + base::percent_encode(given.target) + "/ack",
                       .body = JsonObject{{"note", given.note}}});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  fmt::print("Acknowledged: {}\n", text_of(answer->as_object(), "summary"));
  return 0;
}

// An alert's id, or matchers: rule="server_down", server="x".
int silence(const Connection& connection, const AlertArguments& given) {
  const bool is_alert = given.target.starts_with("alr_");
  auto answer = ask(
      connection,
      {.method = "POST",
       .path = "/api/alerts/silences",
       .body = JsonObject{{"matchers", is_alert ? "alert=\"" + given.target + "\"" : given.target},
                          {"duration", given.duration},
                          {"reason", given.note}}});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  fmt::print("Silent until {}: {}\n", text_of(answer->as_object(), "until"),
             text_of(answer->as_object(), "matchers"));
  return 0;
}

int test_channel(const Connection& connection, const AlertArguments& given) {
  auto answer = ask(connection,
                    {.method = "POST",
                     .path = "/api/alerts/channels/" + base::percent_encode(given.target) + "/test",
                     .body = JsonObject(),
                     .wait_s = 150});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  fmt::print("Delivered.\n");
  return 0;
}

}  // namespace

int run_alerts(const Connection& connection, const AlertArguments& given) {
  if (given.verb.empty() || given.verb == "list") return list_alerts(connection);
  if (given.verb == "rules") return list_rules(connection);
  if (given.target.empty())
    return complain({.detail = "alerts " + given.verb +
                               (given.verb == "test" ? " needs a channel" : " needs an alert")});
  if (given.verb == "ack") return acknowledge(connection, given);
  if (given.verb == "silence") return silence(connection, given);
  return test_channel(connection, given);
}

}  // namespace telltale::cli
