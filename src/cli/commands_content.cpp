// telltale content: add, get, ls, stat, pin, unpin, rm, gc.
#include <filesystem>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/content_transfer.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

using base::JsonObject;
using FilePtr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

FilePtr open_file(const std::string& name, const char* mode, std::FILE* standard) {
  if (name == "-") return {standard, [](std::FILE*) { return 0; }};
  return {std::fopen(name.c_str(), mode), [](std::FILE* file) { return std::fclose(file); }};
}

int add_file(const Connection& connection, const ContentArguments& given) {
  const auto file = open_file(given.target, "rbe", stdin);
  std::error_code error;
  if (!file || std::filesystem::is_directory(given.target, error))
    return complain({.detail = given.target + " cannot be opened, or is a directory"});
  const auto name =
      given.target == "-" ? "" : std::filesystem::path(given.target).filename().string();
  runtime::Runtime runtime(1);
  auto root = run_here(runtime, send_content(connection, file.get(),
                                             {.name = name,
                                              .pin = !given.no_pin,
                                              .cid_version = given.cid_version,
                                              .raw_leaves = given.raw_leaves}));
  if (!root) return complain(root.error());
  if (connection.json) return print_json(*root);
  fmt::print("{}\n", text_of(root->as_object(), "cid"));
  return 0;
}

int get_file(const Connection& connection, const ContentArguments& given) {
  const auto name = given.output.empty() ? std::string("-") : given.output;
  const auto file = open_file(name, "wbe", stdout);
  if (!file) return complain({.detail = name + " cannot be written"});
  runtime::Runtime runtime(1);
  auto written = run_here(runtime, receive_content(connection, given.target, file.get()));
  if (written && std::fflush(file.get()) != 0)
    return complain({.detail = name + " cannot be written"});
  return written ? 0 : complain(written.error());
}

int list_content(const Connection& connection) {
  std::string cursor;
  base::JsonArray all;
  do {
    auto answer = ask(connection, {.path = "/api/content?limit=1000&cursor=" + cursor});
    if (!answer) return complain(answer.error());
    for (auto& item : answer->at("items").as_array()) all.push_back(std::move(item));
    cursor = base::string_or(answer->as_object(), "next_cursor");
  } while (!cursor.empty());
  if (connection.json) return print_json(base::Json(std::move(all)));
  for (const auto& item : all) {
    const auto& root = item.as_object();
    fmt::print("{:<60} {:>14} {:<8} {}\n", text_of(root, "cid"),
               base::find_integer(root, "size").value_or(0),
               base::find_bool(root, "pinned").value_or(false) ? "pinned" : "-",
               text_of(root, "name"));
  }
  return 0;
}

int show(const Connection& connection, base::Result<base::Json> answer) {
  if (!answer) return complain(answer.error());
  if (connection.json) return print_json(*answer);
  for (const auto& item : answer->as_object())
    if (!item.value().is_array())
      fmt::print("{:<14} {}\n", plain(std::string_view(item.key())),
                 item.value().is_string() ? plain(item.value().get_string())
                                          : base::write_json(item.value()));
  if (const auto* entries = base::find_array(answer->as_object(), "entries"))
    for (const auto& entry : *entries)
      fmt::print("{:<60} {}\n", text_of(entry.as_object(), "cid"),
                 text_of(entry.as_object(), "name"));
  return 0;
}

int change(const Connection& connection, const ContentArguments& given) {
  const auto path = "/api/content/" + base::percent_encode(given.target);
  ApiCall call{.method = "GET", .path = path, .wait_s = 300};
  if (given.verb == "pin")
    call = {.method = "POST", .path = path + "/pin", .body = JsonObject(), .wait_s = 300};
  if (given.verb == "unpin") call = {.method = "DELETE", .path = path + "/pin"};
  if (given.verb == "rm") call = {.method = "DELETE", .path = path};
  if (given.verb == "gc")
    call = {.method = "POST", .path = "/api/content/gc", .body = JsonObject(), .wait_s = 300};
  return show(connection, ask(connection, std::move(call)));
}

int manage(const Connection& connection, const ContentArguments& given) {
  if (given.verb == "ls") return list_content(connection);
  if (given.verb != "gc" && given.target.empty())
    return complain(
        {.detail = "content " + given.verb + " needs a " + (given.verb == "add" ? "file" : "CID")});
  if (given.verb == "add") return add_file(connection, given);
  if (given.verb == "get") return get_file(connection, given);
  return change(connection, given);
}

}  // namespace

void Commands::add_content_to(CLI::App& app) {
  auto* const content = add(
      app, "content", "Add, read and pin content by its CID",
      [this] { return manage(connection_, content_); }, true);
  content->add_option("verb", content_.verb, "add, get, ls, stat, pin, unpin, rm or gc")
      ->required()
      ->check(CLI::IsMember({"add", "get", "ls", "stat", "pin", "unpin", "rm", "gc"}));
  content->add_option("target", content_.target,
                      "add: a file, - is stdin; else a CID (get: or CID/path)");
  content->add_option("-o,--output", content_.output, "get: the file to write; else stdout");
  content->add_option("--cid-version", content_.cid_version, "add: 0 or 1")
      ->check(CLI::Range(0, 1))
      ->capture_default_str();
  content->add_flag("--raw-leaves", content_.raw_leaves, "add: as kubo's flag; version 1 has them");
  auto* const pin = content->add_flag("--pin", content_.pin, "add: keep it (the default)");
  content->add_flag("--no-pin", content_.no_pin, "add: let it go when room is needed")
      ->excludes(pin);
}

}  // namespace telltale::cli
