// The small pieces of HTTP text: comparing without case, trimming, request targets (RFC 9112
// section 3.2), reason phrases, the Date header (RFC 9110 section 5.6.7), and writing a head
// without letting a value break out of its line.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "net/http.hpp"

namespace telltale::net {

bool equal_no_case(std::string_view a, std::string_view b) noexcept;
std::string_view trim(std::string_view text) noexcept;  // spaces and tabs at both ends
std::string_view reason_phrase(int status) noexcept;

// Fills path and query from target; invalid_argument when an escape is broken or the form is
// unknown.
base::Result<void> split_target(Request& request);

// "Date: Fri, 20 Nov 2026 10:00:00 GMT", made once per second and thread.
std::string_view date_header(base::WallTime now);

// Appends "name: value\r\n"; CR, LF and NUL become spaces.
void append_header(std::string& out, std::string_view name, std::string_view value);

// A problem document (RFC 9457) for faults found before any handler saw the request.
Response problem(int status, std::string detail);

}  // namespace telltale::net
