#include "net/gunzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace telltale::net {
namespace {

std::string gzip(std::string text) {
  z_stream stream = {};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

TEST(Gunzip, gives_back_what_was_packed) {
  const std::string text(300'000, 'a');
  const auto packed = gzip(text);
  ASSERT_TRUE(is_gzip(packed));
  EXPECT_EQ(gunzip(packed, text.size()), text);
}

TEST(Gunzip, a_bomb_is_refused_before_it_is_large) {
  const auto out = gunzip(gzip(std::string(10U << 20U, 'a')), 1'000'000);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, base::Code::too_large);
}

TEST(Gunzip, what_is_broken_is_refused) {
  const auto packed = gzip("some text that is packed");
  for (const auto& bytes : {std::string(), std::string("{}"), packed.substr(0, 12),
                            packed.substr(0, packed.size() - 3)}) {
    const auto out = gunzip(bytes, 1'000);
    ASSERT_FALSE(out) << bytes.size();
    EXPECT_EQ(out.error().code, base::Code::invalid_argument);
  }
}

}  // namespace
}  // namespace telltale::net
