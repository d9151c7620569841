#include "lab/replay/compare.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/redact.hpp"
#include "lab/run/expectations.hpp"
#include "mcp/jsonrpc.hpp"

namespace telltale::lab {
namespace {

using base::Json;

class Comparer {
 public:
  Comparer(const std::vector<Line>& script, const Played& played, const CompareSettings& settings)
      : script_(script), played_(played), settings_(settings) {}

  Compared take() {
    answers();
    requests();
    if (settings_.notifications) notifications();
    strays();
    if (!played_.ended.empty() && !settings_.may_end)
      miss("the server", "it runs", "it goes on", played_.ended);
    return std::move(out_);
  }

 private:
  void miss(std::string step, std::string what, std::string expected, std::string actual,
            std::string diff = {}) {
    ++out_.differ;
    if (out_.mismatches.size() < run::kMismatchesLimit)
      out_.mismatches.push_back({.step = std::move(step),
                                 .what = std::move(what),
                                 .expected = run::cut(std::move(expected), run::kShownLimit),
                                 .actual = run::cut(std::move(actual), run::kShownLimit),
                                 .diff = std::move(diff)});
  }

  // What counts of a message. A recorded one has its secrets hidden already.
  Json essence(const Json& message, bool recorded) const {
    auto out = suite::without(recorded ? message : base::redact(message, mcp::kMessageLimit),
                              settings_.ignore);
    if (auto* const object = out.if_object()) {
      object->erase("id");
      object->erase("jsonrpc");
    }
    return out;
  }

  void differs(const std::string& step, const std::string& what, const Json& expected,
               const Json& actual) {
    miss(step, what, run::shown(expected), run::shown(actual),
         run::line_diff(run::pretty(expected), run::pretty(actual)));
  }

  void answers() {
    for (std::size_t i = 0; i < script_.size(); ++i) {
      const auto& line = script_[i];
      if (!line.to_server() || line.part != Line::Part::request || line.partner == Line::kNone)
        continue;
      ++out_.answers;
      const auto expected = essence(script_[line.partner].recorded->message, true);
      const auto heard = played_.answers.find(i);
      if (heard != played_.answers.end()) {
        const auto actual = essence(heard->second, false);
        if (actual != expected) differs(describe(line), "the recorded answer", expected, actual);
        continue;
      }
      const auto why = played_.no_answer.find(i);
      miss(describe(line), "an answer", run::shown(expected),
           why == played_.no_answer.end() ? "it was not asked: the server had ended" : why->second);
    }
  }

  void requests() {
    std::map<std::string, std::size_t> counts;
    for (const auto& line : script_) {
      if (line.to_server() || line.part != Line::Part::request) continue;
      counts[line.method] = line.nth + 1;
      const auto expected = essence(line.recorded->message, true);
      const auto heard = played_.requests.find(line.method);
      if (heard == played_.requests.end() || heard->second.size() <= line.nth) {
        miss(describe(line), "the server asks", run::shown(expected), "it did not");
        continue;
      }
      const auto actual = essence(heard->second[line.nth], false);
      if (actual != expected) differs(describe(line), "the recorded request", expected, actual);
    }
    for (const auto& [method, heard] : played_.requests)
      for (auto i = counts[method]; i < heard.size(); ++i)
        if (method != "ping")
          miss("the server", "asks what was recorded", "no further " + method,
               run::shown(heard[i]));
  }

  // What belongs to nothing: the same ones in any order.
  void strays() {
    std::vector<Json> heard;
    heard.reserve(played_.others.size());
    for (const auto& text : played_.others) heard.push_back(stray(text));
    for (const auto& line : script_) {
      if (!line.is_stray() || line.nth >= Player::kOthers) continue;
      const auto wanted = line.recorded->message.is_null() ? Json(line.recorded->text)
                                                           : essence(line.recorded->message, true);
      const auto same = std::ranges::find(heard, wanted);
      if (same == heard.end())
        miss(describe(line), "what the server said", run::shown(wanted), "it did not");
      else
        heard.erase(same);
    }
    for (const auto& one : heard)
      miss("the server", "an answer to a request", "no message", run::shown(one));
  }
  Json stray(const std::string& text) const {
    auto parsed =
        base::parse_json(text, {.max_depth = mcp::kMessageDepth, .max_bytes = mcp::kMessageLimit});
    if (parsed && !parsed->is_null()) return essence(*parsed, false);
    return Json(base::to_utf8(text));
  }

  // The same ones in any order; what is left over on both sides is shown in pairs of a method.
  void notifications() {
    std::vector<std::pair<const Line*, Json>> expected;
    for (const auto& line : script_)
      if (!line.to_server() && line.part == Line::Part::notification)
        expected.emplace_back(&line, essence(line.recorded->message, true));
    out_.notifications = expected.size();
    std::vector<Json> actual;
    for (const auto& one : played_.notifications) {
      auto shown = essence(one, false);
      const auto same = std::ranges::find(expected, shown, &std::pair<const Line*, Json>::second);
      if (same != expected.end())
        expected.erase(same);
      else
        actual.push_back(std::move(shown));
    }
    for (const auto& [line, wanted] : expected) {
      const auto like = std::ranges::find_if(actual, [&method = line->method](const Json& one) {
        return base::string_or(one.get_object(), "method") == method;
      });
      if (like == actual.end()) {
        miss(describe(*line), "the recorded notification", run::shown(wanted), "none");
        continue;
      }
      differs(describe(*line), "the recorded notification", wanted, *like);
      actual.erase(like);
    }
    for (const auto& one : actual)
      miss("the server", "notifies as recorded", "nothing more", run::shown(one));
  }

  const std::vector<Line>& script_;
  const Played& played_;
  const CompareSettings& settings_;
  Compared out_;
};

}  // namespace

Compared compare(const std::vector<Line>& script, const Played& played,
                 const CompareSettings& settings) {
  return Comparer(script, played, settings).take();
}

}  // namespace telltale::lab
