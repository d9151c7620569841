#include "rtc/dtls/datagram_bio.hpp"

#include <algorithm>

namespace telltale::rtc::dtls {
namespace {

DatagramPort& port_of(BIO* bio) {
  return *static_cast<DatagramPort*>(::BIO_get_data(bio));
}

int write(BIO* bio, const char* data, int size) {
  ::BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  port_of(bio).sink->put(
      {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return size;
}

// A buffer smaller than the datagram gets its beginning, as recv() would give it.
int read(BIO* bio, char* into, int size) {
  ::BIO_clear_retry_flags(bio);
  auto& port = port_of(bio);
  if (port.incoming.empty() || size <= 0) {
    ::BIO_set_retry_read(bio);
    return -1;
  }
  const auto count = std::min(port.incoming.size(), static_cast<std::size_t>(size));
  std::copy_n(port.incoming.begin(), count, into);
  port.incoming = {};
  return static_cast<int>(count);
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_PENDING:
      return static_cast<long>(port_of(bio).incoming.size());
    default:
      return 0;
  }
}

BIO_METHOD* make_method() {
  auto* method = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "telltale datagrams");
  if (method == nullptr) return nullptr;
  ::BIO_meth_set_write(method, write);
  ::BIO_meth_set_read(method, read);
  ::BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

BIO* new_datagram_bio(DatagramPort& port) {
  static BIO_METHOD* const kMethod = make_method();  // for the life of the program
  BIO* const bio = kMethod == nullptr ? nullptr : ::BIO_new(kMethod);
  if (bio == nullptr) return nullptr;
  ::BIO_set_data(bio, &port);
  ::BIO_set_init(bio, 1);
  return bio;
}

}  // namespace telltale::rtc::dtls
