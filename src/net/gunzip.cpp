#include "net/gunzip.hpp"

#include <array>
#include <memory>

#define ZLIB_CONST  // it does not write to its input
#include <zlib.h>

namespace telltale::net {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

struct End {
  void operator()(z_stream* stream) const { ::inflateEnd(stream); }
};

}  // namespace

bool is_gzip(std::string_view bytes) noexcept {
  return bytes.starts_with("\x1f\x8b");
}

base::Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream = {};
  if (::inflateInit2(&stream, kGzipOnly) != Z_OK)
    return base::fail(base::Code::internal, "zlib has no memory");
  const std::unique_ptr<z_stream, End> end(&stream);
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 65'536> piece;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      return base::fail(base::Code::invalid_argument, "it is no gzip file, or a broken one");
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > bytes_max)
      return base::fail(base::Code::too_large,
                        "unpacked it has more than " + std::to_string(bytes_max) + " bytes");
    if (state == Z_STREAM_END) return out;
    if (stream.avail_in == 0 && stream.avail_out != 0)
      return base::fail(base::Code::invalid_argument, "the gzip file ends too early");
  }
}

}  // namespace telltale::net
