#include "net/http_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace telltale::net {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

struct Reason {
  int status;
  std::string_view text;
};
constexpr std::array kReasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{417, "Expectation Failed"},
    Reason{422, "Unprocessable Content"},
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{499, "Client Closed Request"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{507, "Insufficient Storage"},
};

base::Result<void> split_query(std::string_view text, Request& request) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = base::percent_decode(pair.substr(0, equals), true);
    auto value = base::percent_decode(equals < pair.size() ? pair.substr(equals + 1) : "", true);
    if (!name || !value)
      return base::fail(base::Code::invalid_argument, "the query has a broken escape");
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

bool equal_no_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view reason_phrase(int status) noexcept {
  const auto* const found = std::ranges::lower_bound(kReasons, status, {}, &Reason::status);
  return found != kReasons.end() && found->status == status ? found->text : "Unknown";
}

base::Result<void> split_target(Request& request) {
  std::string_view target = request.target;
  if (!target.starts_with('/') && target != "*") {
    // absolute-form: what a proxy would be sent (RFC 9112 section 3.2.2); servers must accept it
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos)
      return base::fail(base::Code::invalid_argument, "the request target must begin with /");
    const auto slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const auto question = std::min(target.find('?'), target.size());
  request.path = question == 0 ? "/" : std::string(target.substr(0, question));
  if (question == target.size()) return {};
  return split_query(target.substr(question + 1), request);
}

std::string_view date_header(base::WallTime now) {
  thread_local std::string text;
  thread_local std::int64_t of_second = -1;
  const auto second = base::unix_ms(now) / 1000;
  if (second != of_second) {
    of_second = second;
    text = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n",
                       fmt::gmtime(static_cast<std::time_t>(second)));
  }
  return text;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  const auto begin = out.size();
  out.append(name).append(": ").append(value);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out += "\r\n";
}

Response problem(int status, std::string detail) {
  auto document = base::problem_document(
      {.code = base::code_from_http_status(status), .detail = std::move(detail)});
  document["title"] = reason_phrase(status);
  document["status"] = status;
  Response response{.status = status};
  response.headers.add("Content-Type", "application/problem+json");
  response.body = base::write_json(document);
  return response;
}

}  // namespace telltale::net
