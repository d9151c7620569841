#include "cli/commands.hpp"

#include <cstdio>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/alerts.hpp"
#include "cli/api_client.hpp"
#include "cli/authorize.hpp"
#include "cli/completion.hpp"
#include "cli/discover.hpp"
#include "cli/follow.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/state_commands.hpp"
#include "cli/tap.hpp"

namespace telltale::cli {
namespace {

int list_servers(const Connection& connection) {
  auto answer = ask(connection, {.path = "/api/servers?limit=1000"});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  fmt::print("{:<24} {:<13} {:<10} {:>8} {:>6} {:<11} {}\n", "NAME", "STATUS", "CIRCUIT", "MS",
             "TOOLS", "PROTOCOL", "REASON");
  for (const auto& item : answer->at("items").as_array()) {
    const auto& record = item.as_object();
    const auto ms = base::find_number(record, "response_time_ms");
    const auto* protocol = base::find_object(record, "protocol");
    fmt::print("{:<24} {:<13} {:<10} {:>8} {:>6} {:<11} {}\n", text_of(record, "name"),
               text_of(record, "health_status"), text_of(record, "circuit_state"),
               ms ? fmt::format("{:.1f}", *ms) : "-",
               base::find_integer(record, "tools_count").value_or(0),
               protocol == nullptr ? "-" : text_of(*protocol, "version"),
               text_of(record, "reason"));
  }
  return 0;
}

int change_server(const Connection& connection, const std::string& verb,
                  const std::string& server) {
  auto answer =
      ask(connection, {.method = "POST",
                       .path = "/api/servers/" + base::percent_encode(server) + "/" + verb,
                       .body = base::JsonObject(),
                       .wait_s = 90});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  const auto& record = answer->as_object();
  if (verb == "test") return print_json(*answer);
  fmt::print("{}: {} ({})\n", server, text_of(record, "health_status"), text_of(record, "reason"));
  return 0;
}

int list_tools(const Connection& connection, const std::string& server) {
  auto answer =
      ask(connection, {.path = "/api/servers/" + base::percent_encode(server) + "/tools"});
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  for (const auto& item : answer->at("items").as_array())
    fmt::print("{:<28} {}\n", text_of(item.as_object(), "name"),
               text_of(item.as_object(), "description").substr(0, 100));
  return 0;
}

int call_tool(const Connection& connection, const std::string& server, const std::string& tool,
              const std::string& arguments) {
  auto parsed = base::parse_json(arguments);
  if (!parsed || !parsed->is_object())
    return complain(
        {.detail = "the arguments must be a JSON object such as '{\"message\": \"hi\"}'"});
  auto answer = ask(connection, {.method = "POST",
                                 .path = "/api/servers/" + base::percent_encode(server) +
                                         "/tools/" + base::percent_encode(tool) + "/call",
                                 .body = base::JsonObject{{"arguments", *parsed}},
                                 .wait_s = 300});
  if (!answer) return complain(answer.error());
  const bool failed = base::find_bool(answer->as_object(), "is_error").value_or(false);
  if (connection.json) return print_json(*answer) + (failed ? 2 : 0);
  const auto* result = base::find_object(answer->as_object(), "result");
  const auto* content = result == nullptr ? nullptr : base::find_array(*result, "content");
  if (content != nullptr)
    for (const auto& item : *content) {
      const auto& part = item.as_object();
      if (base::string_or(part, "type") == "text")
        fmt::print("{}\n", plain(base::string_or(part, "text")));
      else
        fmt::print("[{} {}]\n", text_of(part, "type"), text_of(part, "mimeType"));
    }
  return failed ? 2 : 0;
}

int show_logs(const Connection& connection, const std::string& server, bool follow) {
  auto answer =
      ask(connection, {.path = "/api/servers/" + base::percent_encode(server) + "/logs?limit=200"});
  if (!answer) return complain(answer.error());
  for (const auto& item : answer->at("items").as_array()) {
    const auto& line = item.as_object();
    fmt::print("{} {:<8} {:<8} {}\n", text_of(line, "time"), text_of(line, "level"),
               text_of(line, "stream"), text_of(line, "message"));
  }
  if (!follow) return 0;
  std::fflush(stdout);
  runtime::Runtime runtime(1);
  auto ended = run_here(runtime, follow_logs(connection, server));
  return ended ? 0 : complain(ended.error());
}

}  // namespace

CLI::App* Commands::add(CLI::App& app, const std::string& name, const std::string& help,
                        std::function<int()> body, bool needs_server) {
  auto* const command = app.add_subcommand(name, help);
  command->callback([this, body = std::move(body)] { chosen_ = body; });
  if (!needs_server) return command;
  command->add_option("--url", connection_.url, "Where the server is")
      ->envname("TELLTALE_URL")
      ->capture_default_str();
  command->add_option("--token", connection_.token, "Access token")->envname("TELLTALE_TOKEN");
  command->add_option("--user", connection_.user, "User for a login")
      ->envname("TELLTALE_USER")
      ->capture_default_str();
  command
      ->add_option("--password", connection_.password,
                   "Password for a login (better in TELLTALE_PASSWORD)")
      ->envname("TELLTALE_PASSWORD");
  command->add_flag("--json", connection_.json, "Print JSON");
  return command;
}

void Commands::add_to(CLI::App& app) {
  auto* const servers = add(
      app, "servers", "List servers; with a verb, steer one",
      [this] {
        if (verb_ == "authorize")
          return authorize_server(
              connection_,
              {.server = server_, .callback = callback_, .forget = forget_, .no_wait = no_wait_});
        return verb_.empty() ? list_servers(connection_)
                             : change_server(connection_, verb_, server_);
      },
      true);
  servers->add_option("verb", verb_, "start, stop, restart, reload, test or authorize")
      ->check(CLI::IsMember({"start", "stop", "restart", "reload", "test", "authorize"}));
  servers->add_option("server", server_, "Server");
  servers->add_option("--callback", callback_,
                      "authorize: the URL the browser was sent back to, when it could not open it");
  servers->add_flag("--forget", forget_, "authorize: give the authorization up");
  servers->add_flag("--no-wait", no_wait_, "authorize: print the URL and end");
  auto* const tools = add(
      app, "tools", "List a server's tools", [this] { return list_tools(connection_, server_); },
      true);
  tools->add_option("server", server_, "Server")->required();
  auto* const call = add(
      app, "call", "Call a tool",
      [this] { return call_tool(connection_, server_, tool_, arguments_); }, true);
  call->add_option("server", server_, "Server")->required();
  call->add_option("tool", tool_, "Tool")->required();
  call->add_option("arguments", arguments_, "JSON object")->capture_default_str();
  auto* const logs = add(
      app, "logs", "Show a server's log",
      [this] { return show_logs(connection_, server_, follow_); }, true);
  logs->add_option("server", server_, "Server")->required();
  logs->add_flag("-f,--follow", follow_, "Go on as lines arrive");
  const auto wanted = std::make_shared<DiscoverArguments>();
  auto* const discover = add(
      app, "discover",
      "List the MCP servers that Claude, VS Code, Cursor and Windsurf know on the server's machine",
      [this, wanted] { return run_discover(connection_, *wanted); }, true);
  discover->add_option("source", wanted->source, "Take over servers of this found file");
  discover->add_option("servers", wanted->servers, "Which; by the names they have there");
  add_access_to(app);
  add_content_to(app);
  add_simulate_to(app);
  add_bench_to(app);
  add_probe_to(app);
  add_test_to(app);
  add_report_to(app);
  const auto given = std::make_shared<AlertArguments>();
  auto* const alerts = add(
      app, "alerts", "Show what fires; acknowledge it, silence it",
      [this, given] { return run_alerts(connection_, *given); }, true);
  alerts->add_option("verb", given->verb, "list, rules, ack, silence or test")
      ->check(CLI::IsMember({"list", "rules", "ack", "silence", "test"}));
  alerts->add_option("target", given->target,
                     "ack: an alert's id; silence: that, or matchers; test: a channel's id");
  alerts->add_option("--for", given->duration, "silence: how long")->capture_default_str();
  alerts->add_option("--note", given->note, "ack, silence: why");

  auto* const tap = add(
      app, "tap",
      "Stand between an MCP client and its stdio server and report every message to Telltale",
      [this] {
        return run_tap({.connection = connection_,
                        .command = command_,
                        .name = tap_name_,
                        .payload = payload_,
                        .verbose = verbose_,
                        .record = tap_record_});
      },
      true);
  tap->add_option("command", command_, "-- COMMAND ARGS…")->required();
  tap->add_option("--name", tap_name_, "Its name in the reports; the command's by default");
  tap->add_flag("--payload", payload_, "Report the messages themselves too (up to 64 KiB each)");
  tap->add_option("--record", tap_record_,
                  "Write the session into this file, secrets hidden (docs/lab/recordings.md)");
  tap->add_flag("-v,--verbose", verbose_,
                "Show each message on stderr too, as it does when it neither reports nor records");
  add_state_commands(app, [this](std::function<int()> body) { chosen_ = std::move(body); });
  add(
      app, "version", "Print the version",
      [] {
        fmt::print("telltale 0.1.0\n");
        return 0;
      },
      false);
  auto* const completion = add(
      app, "completion", "Print a shell completion script",
      [this, root = &app] { return print_completion(*root, shell_); }, false);
  completion->add_option("shell", shell_, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

int Commands::run() {
  return chosen_ ? chosen_() : 1;
}

}  // namespace telltale::cli
