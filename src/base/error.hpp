// Error and Result: how everything that can fail says so. A Code maps once to an HTTP status and
// once to a JSON-RPC error code (JSON-RPC 2.0 section 5.1); `detail` is a sentence fit for the
// person who asked; `fields` names bad input by JSON Pointer (RFC 6901). Never put a secret or an
// internal path in an Error: it reaches the caller.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace telltale::base {

enum class Code {
  invalid_argument,   // 400/422: the caller can fix it
  unauthenticated,    // 401
  permission_denied,  // 403
  not_found,          // 404
  conflict,           // 409: not in this state, or exists already
  too_large,          // 413
  rate_limited,       // 429
  unsupported,        // 501: this server or peer cannot do that
  unavailable,        // 503: try again later; retry_after where known
  deadline_exceeded,  // 504
  cancelled,          // 499
  protocol,           // 502: the remote side broke its protocol
  remote,             // 502: the remote side answered with an error; `data` has it
  storage,            // 507: the store cannot take it
  internal,           // 500: our fault
};

struct FieldError {
  std::string pointer;
  std::string message;
};

struct Error {
  Code code = Code::internal;
  std::string detail;
  std::vector<FieldError> fields = {};
  std::optional<std::chrono::milliseconds> retry_after = {};
  boost::json::object data = {};
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string detail) {
  return std::unexpected(Error{.code = code, .detail = std::move(detail)});
}
std::unexpected<Error> bad_field(std::string pointer, std::string message);

int http_status(Code code) noexcept;
int json_rpc_code(Code code) noexcept;
std::string_view code_name(Code code) noexcept;
Code code_from_http_status(int status) noexcept;

// RFC 9457 problem document; also carries `success` and `error` so that old clients still read it.
boost::json::object problem_document(const Error& error, std::string_view instance = {});

}  // namespace telltale::base
