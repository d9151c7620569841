#include "cli/probe.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/file.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "lab/card/card.hpp"

namespace telltale::cli {
namespace {

constexpr int kNoMustBroken = 0, kRuleBroken = 1, kNotExamined = 2;

bool is_url(const std::string& word) {
  return word.starts_with("http://") || word.starts_with("https://");
}

base::Result<mcp::Target> target_of(const ProbeArguments& arguments) {
  const auto& words = arguments.target;
  if (words.empty())
    return base::fail(base::Code::invalid_argument, "name a URL, or a command after --");
  if (!is_url(words.front())) {
    if (!arguments.headers.empty())
      return base::fail(base::Code::invalid_argument, "--header is for URLs only");
    return mcp::StdioTarget{{.command = words.front(),
                             .arguments = {words.begin() + 1, words.end()},
                             .environment = net::child_environment({})}};
  }
  mcp::HttpTarget out{.url = words.front()};
  for (const auto& header : arguments.headers) {
    const auto colon = header.find(':');
    const auto value = header.find_first_not_of(' ', colon + 1);
    if (colon == 0 || colon == std::string::npos)
      return base::fail(base::Code::invalid_argument, "a header is 'Name: value': " + header);
    out.headers.set(header.substr(0, colon),
                    value == std::string::npos ? "" : header.substr(value));
  }
  return out;
}

int list_rules() {
  for (const auto* rule : lab::all_rules()) {
    const bool legacy = !rule->sections.legacy.empty();
    fmt::print("{:<36} {:<6} {}\n    {}\n", rule->id, lab::level_name(rule->level),
               rule->section(legacy ? mcp::Era::legacy : mcp::Era::modern), rule->remedy);
  }
  return kNoMustBroken;
}

base::Result<void> write_to(const std::string& file, const std::string& text) {
  if (file == "-") {
    fmt::print("{}\n", text);
    return {};
  }
  return base::write_file(file, text);
}

std::string shown(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

runtime::TaskResult<lab::ScoreCard> examine(mcp::Target target, std::string named,
                                            lab::CardSettings settings, double timeout_s) {
  co_return co_await runtime::with_timeout<lab::ScoreCard>(
      base::from_seconds(timeout_s), fmt::format("not done within {} s", timeout_s),
      lab::make_card(runtime::Loop::current(), std::move(target), std::move(named),
                     std::move(settings)));
}

int give_up(const base::Error& error) {
  complain(error);
  return kNotExamined;
}

}  // namespace

int run_probe(const ProbeArguments& arguments) {
  if (arguments.list_rules) return list_rules();
  for (const auto* names : {&arguments.rules, &arguments.skipped})
    for (const auto& name : lab::unknown_rules(*names))
      return give_up({.detail = name + " is neither a rule nor a group; see --list-rules"});
  auto target = target_of(arguments);
  if (!target) return give_up(target.error());
  lab::CardSettings settings{
      .conformance = {.only = arguments.rules,
                      .skip = arguments.skipped,
                      .request_timeout = base::from_seconds(arguments.request_timeout_s),
                      .allowed_tools = arguments.allowed_tools},
      .measure = !arguments.rules_only && arguments.rules.empty()};
  runtime::Runtime runtime(1);
  auto card = run_here(runtime, examine(std::move(*target), shown(arguments.target),
                                        std::move(settings), arguments.timeout_s));
  if (!card) return give_up(card.error());
  const auto& result = card->conformance;
  if (arguments.json != "-" && arguments.html != "-")
    fmt::print("{}", lab::card_text(*card, arguments.evidence));
  if (!arguments.json.empty())
    if (auto done = write_to(arguments.json, base::write_json(lab::card_json(*card))); !done)
      return give_up(done.error());
  if (!arguments.html.empty())
    if (auto done = write_to(arguments.html, lab::card_html(*card)); !done)
      return give_up(done.error());
  const auto broken = arguments.strict ? result.count(lab::RuleOutcome::failed)
                                       : result.count(lab::RuleOutcome::failed, lab::Level::must);
  return broken == 0 ? kNoMustBroken : kRuleBroken;
}

}  // namespace telltale::cli
