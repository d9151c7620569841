// JUnit XML as Jenkins, GitLab and GitHub's reporters read it: testsuites, testsuite, testcase with
// failure, error or skipped. XML 1.0 takes no control characters: they become U+FFFD.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "lab/output/output.hpp"

namespace telltale::lab::output {
namespace {

constexpr std::size_t kOutLimit = 64U << 10U;  // of one case's system-out

std::string escape(std::string_view given) {
  const auto text = base::to_utf8(given);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n')
      out += "&#10;";
    else if (c == '\t')
      out += "&#9;";
    else if (c < 0x20 || c == 0x7f)
      out += "\xef\xbf\xbd";
    else if (text.compare(i, 3, "\xef\xbf\xbe") == 0 || text.compare(i, 3, "\xef\xbf\xbf") == 0) {
      out += "\xef\xbf\xbd";  // U+FFFE and U+FFFF are no characters of XML
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

double seconds(double ms) {
  return ms / 1000;
}

std::string details(const run::CaseResult& one) {
  std::string out;
  if (one.attempts.empty()) return out;
  const auto& last = one.attempts.back();
  for (const auto& miss : last.mismatches) {
    out += fmt::format("{}: {}\n  expected {}\n  actual   {}\n", miss.step, miss.what,
                       miss.expected, miss.actual);
    out += miss.diff;
  }
  for (const auto& message : last.exchanges) {
    if (out.size() > kOutLimit) break;
    out += fmt::format("{:>8.1f} ms {} {}\n", message.at_ms, message.direction, message.text);
  }
  return run::cut(std::move(out), kOutLimit);
}

void write(const run::CaseResult& one, std::string& out) {
  out += fmt::format(R"(    <testcase name="{}" classname="{}" time="{:.3f}">)", escape(one.name),
                     escape(one.suite), seconds(one.duration_ms));
  out += '\n';
  const auto element = [&](std::string_view name) {
    out += fmt::format("      <{} message=\"{}\">{}</{}>\n", name, escape(one.message),
                       escape(details(one)), name);
  };
  if (one.status == run::Status::failed)
    element("failure");
  else if (is_bad(one.status))
    element("error");
  else if (one.status == run::Status::skipped || one.status == run::Status::cancelled)
    out += fmt::format("      <skipped message=\"{}\"/>\n", escape(one.message));
  if (one.status == run::Status::flaky)
    out += fmt::format("      <system-out>flaky: {}</system-out>\n", escape(one.message));
  if (!one.attempts.empty() && !one.attempts.back().log.empty()) {
    std::string log;
    for (const auto& line : one.attempts.back().log) log += line + "\n";
    out += fmt::format("      <system-err>{}</system-err>\n", escape(log));
  }
  out += "    </testcase>\n";
}

std::string counts(const run::Totals& totals) {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", totals.cases,
                     totals.failed, totals.errors, totals.skipped + totals.cancelled);
}

}  // namespace

std::string junit(const std::vector<run::RunResult>& runs) {
  double all_ms = 0;
  for (const auto& one : runs) all_ms += one.duration_ms;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"telltale\" {} time=\"{:.3f}\">\n", counts(totals(runs)),
                     seconds(all_ms));
  for (const auto& one : runs) {
    out +=
        fmt::format("  <testsuite name=\"{}\" {} time=\"{:.3f}\" timestamp=\"{}\" file=\"{}\">\n",
                    escape(one.suite), counts(one.totals), seconds(one.duration_ms),
                    base::format_rfc3339(one.started), escape(one.file));
    out += fmt::format("    <properties><property name=\"seed\" value=\"{}\"/></properties>\n",
                       one.seed);
    for (const auto& test : one.cases) write(test, out);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace telltale::lab::output
