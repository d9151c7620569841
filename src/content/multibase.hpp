// The bases CIDs are written in (multibase): base58btc, base32 and base36, all without padding.
// Decoding is strict: one spelling for each byte string. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::content {

std::string base58btc_encode(std::string_view bytes);
std::string base32_encode(std::string_view bytes);  // lower case, RFC 4648 section 6
// invalid_argument names the first character that is not of the alphabet.
base::Result<std::string> base58btc_decode(std::string_view text);
base::Result<std::string> base36_decode(std::string_view text);  // lower or upper case, not mixed
base::Result<std::string> base32_decode(std::string_view text);  // lower or upper case, not mixed

}  // namespace telltale::content
