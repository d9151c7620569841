// MurmurHash3, x64, 128 bits, seed 0; the first 64 of them: the hash by which a HAMT places names.
// Not cryptographic. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace telltale::content {

std::uint64_t murmur3(std::string_view text) noexcept;

}  // namespace telltale::content
