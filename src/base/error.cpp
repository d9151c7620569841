#include "base/error.hpp"

#include <array>
#include <utility>

#include <boost/json/array.hpp>

namespace telltale::base {
namespace {

struct CodeRow {
  Code code;
  int http;
  int json_rpc;
  std::string_view name;
  std::string_view title;
};

constexpr std::array kRows{
    CodeRow{Code::invalid_argument, 422, -32602, "invalid_argument", "Invalid argument"},
    CodeRow{Code::unauthenticated, 401, -32001, "unauthenticated", "Not logged in"},
    CodeRow{Code::permission_denied, 403, -32003, "permission_denied", "Not allowed"},
    CodeRow{Code::not_found, 404, -32004, "not_found", "Not found"},
    CodeRow{Code::conflict, 409, -32009, "conflict", "Conflict"},
    CodeRow{Code::too_large, 413, -32013, "too_large", "Too large"},
    CodeRow{Code::rate_limited, 429, -32029, "rate_limited", "Too many requests"},
    CodeRow{Code::unsupported, 501, -32601, "unsupported", "Not supported"},
    CodeRow{Code::unavailable, 503, -32053, "unavailable", "Unavailable"},
    CodeRow{Code::deadline_exceeded, 504, -32054, "deadline_exceeded", "Took too long"},
    CodeRow{Code::cancelled, 499, -32800, "cancelled", "Cancelled"},
    CodeRow{Code::protocol, 502, -32052, "protocol", "The remote side broke its protocol"},
    CodeRow{Code::remote, 502, -32055, "remote", "The remote side answered with an error"},
    CodeRow{Code::storage, 507, -32057, "storage", "The store cannot take it"},
    CodeRow{Code::internal, 500, -32603, "internal", "Internal error"},
};

const CodeRow& row(Code code) noexcept {
  for (const auto& candidate : kRows)
    if (candidate.code == code) return candidate;
  return kRows.back();
}

}  // namespace

std::unexpected<Error> bad_field(std::string pointer, std::string message) {
  Error error{.code = Code::invalid_argument, .detail = pointer + ": " + message};
  error.fields.push_back({std::move(pointer), std::move(message)});
  return std::unexpected(std::move(error));
}

int http_status(Code code) noexcept {
  return row(code).http;
}
int json_rpc_code(Code code) noexcept {
  return row(code).json_rpc;
}
std::string_view code_name(Code code) noexcept {
  return row(code).name;
}

Code code_from_http_status(int status) noexcept {
  if (status == 400) return Code::invalid_argument;
  for (const auto& candidate : kRows)
    if (candidate.http == status) return candidate.code;
  return status >= 500 ? Code::remote : Code::invalid_argument;
}

boost::json::object problem_document(const Error& error, std::string_view instance) {
  const auto& info = row(error.code);
  boost::json::object out;
  out["type"] = std::string("urn:telltale:problem:").append(info.name);
  out["title"] = info.title;
  out["status"] = info.http;
  out["detail"] = error.detail;
  if (!instance.empty()) out["instance"] = instance;
  if (!error.fields.empty()) {
    auto& list = out["errors"].emplace_array();
    for (const auto& field : error.fields)
      list.push_back({{"pointer", field.pointer}, {"message", field.message}});
  }
  if (error.retry_after)
    out["retry_after_seconds"] = static_cast<double>(error.retry_after->count()) / 1000.0;
  if (!error.data.empty()) out["data"] = error.data;
  out["success"] = false;
  out["error"] = error.detail;
  return out;
}

}  // namespace telltale::base
