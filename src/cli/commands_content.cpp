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

base::Result<base::Json> ask_content(const Connection& connection, const std::string& what) {
  runtime::Runtime runtime(1);
  return run_here(runtime, look_up_content(connection, what));
}

int add_content(const Connection& connection, const ContentArguments& given) {
  namespace fs = std::filesystem;
  std::error_code error;
  auto target = given.target;
  const bool directory = target != "-" && fs::is_directory(target, error);
  if (directory) target = fs::canonical(target, error).string();
  const auto file = directory ? open_file("-", "", stdin) : open_file(target, "rbe", stdin);
  if (!file || target.empty()) return complain({.detail = given.target + " cannot be opened"});
  const Sending options{.name = target == "-" ? "" : fs::path(target).filename().string(),
                        .pin = !given.no_pin,
                        .cid_version = given.cid_version,
                        .raw_leaves = given.raw_leaves,
                        .hidden = given.hidden};
  runtime::Runtime runtime(1);
  auto root = directory ? run_here(runtime, send_directory(connection, target, options))
                        : run_here(runtime, send_content(connection, file.get(), options));
  if (!root) return complain(root.error());
  if (connection.json) return print_json(*root);
  fmt::print("{}\n", text_of(root->as_object(), "cid"));
  return 0;
}

int get_content(const Connection& connection, const ContentArguments& given) {
  auto facts = ask_content(connection, given.target);
  if (!facts) return complain(facts.error());
  if (text_of(facts->as_object(), "type") == "directory") {
    if (given.output.empty())
      return complain({.detail = given.target + " is a directory: say where to with -o"});
    runtime::Runtime runtime(1);
    auto written = run_here(runtime, receive_directory(connection, given.target, given.output));
    return written ? 0 : complain(written.error());
  }
  const auto name = given.output.empty() ? std::string("-") : given.output;
  const auto file = open_file(name, "wbe", stdout);
  if (!file) return complain({.detail = name + " cannot be written"});
  runtime::Runtime runtime(1);
  auto written = run_here(runtime, receive_content(connection, given.target, file.get()));
  if (written && std::fflush(file.get()) != 0)
    return complain({.detail = name + " cannot be written"});
  return written ? 0 : complain(written.error());
}

// A directory's entries, or what it is.
int list_directory(const Connection& connection, const ContentArguments& given) {
  auto facts = ask_content(connection, given.target);
  if (!facts) return complain(facts.error());
  const auto* entries = base::find_array(facts->as_object(), "entries");
  if (connection.json) return print_json(entries != nullptr ? base::Json(*entries) : *facts);
  if (entries == nullptr) {
    fmt::print("{:<60} {:>14} {}\n", text_of(facts->as_object(), "cid"),
               base::find_integer(facts->as_object(), "size").value_or(0),
               text_of(facts->as_object(), "type"));
    return 0;
  }
  for (const auto& entry : *entries)
    fmt::print("{:<60} {:>14} {}\n", text_of(entry.as_object(), "cid"),
               base::find_integer(entry.as_object(), "tree_bytes").value_or(0),
               text_of(entry.as_object(), "name"));
  return 0;
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
  if (given.verb == "stat") return show(connection, ask_content(connection, given.target));
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
  if (given.verb == "ls")
    return given.target.empty() ? list_content(connection) : list_directory(connection, given);
  if (given.verb != "gc" && given.target.empty())
    return complain({.detail = "content " + given.verb + " needs a " +
                               (given.verb == "add" ? "file or directory" : "CID")});
  if (given.verb == "add") return add_content(connection, given);
  if (given.verb == "get") return get_content(connection, given);
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
  content->add_option(
      "target", content_.target,
      "add: a file or directory, - is stdin; else a CID (get, ls, stat: or CID/path)");
  content->add_option("-o,--output", content_.output,
                      "get: the file to write, else stdout; the new folder of a directory");
  content->add_option("--cid-version", content_.cid_version, "add: 0 or 1")
      ->check(CLI::Range(0, 1))
      ->capture_default_str();
  content->add_flag("--raw-leaves", content_.raw_leaves, "add: as kubo's flag; version 1 has them");
  content->add_flag("--hidden", content_.hidden,
                    "add: of a directory, also what begins with a dot");
  auto* const pin = content->add_flag("--pin", content_.pin, "add: keep it (the default)");
  content->add_flag("--no-pin", content_.no_pin, "add: let it go when room is needed")
      ->excludes(pin);
}

}  // namespace telltale::cli
