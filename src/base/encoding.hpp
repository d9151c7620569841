// Text encodings: hex, base64 (RFC 4648 sections 4 and 5), percent (RFC 3986 section 2.1), UTF-8
// (RFC 3629), sha-256.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::base {

std::string hex_encode(std::string_view bytes);
std::string base64_encode(std::string_view bytes);
std::string base64url_encode(std::string_view bytes);  // no padding
Result<std::string> base64_decode(std::string_view text);
Result<std::string> base64url_decode(std::string_view text);

std::string percent_encode(std::string_view text);  // everything but unreserved characters
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

bool is_utf8(std::string_view text) noexcept;
// Replaces every ill-formed sequence by U+FFFD, so that what a child prints can always be shown and
// stored.
std::string to_utf8(std::string_view text);

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// Compares in time that depends on the length only.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace telltale::base
