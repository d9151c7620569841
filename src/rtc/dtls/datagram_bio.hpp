// The BIO under one SSL object: every write is one datagram, and a read gives the datagram at hand,
// whole or not at all. It neither merges nor splits, so OpenSSL's own division of a flight into
// records of at most the MTU is what goes out (RFC 6347 section 4.1.1).
#pragma once

#include <cstdint>
#include <span>

#include <openssl/bio.h>

namespace telltale::rtc::dtls {

class DatagramSink {
 public:
  DatagramSink() = default;
  DatagramSink(const DatagramSink&) = delete;
  DatagramSink& operator=(const DatagramSink&) = delete;
  virtual ~DatagramSink() = default;
  virtual void put(std::span<const std::uint8_t> datagram) = 0;
};

// What the BIO works on. It must outlive the BIO.
struct DatagramPort {
  std::span<const std::uint8_t> incoming = {};  // the datagram to be read; empty when it was
  DatagramSink* sink = nullptr;
};

// The caller owns it until an SSL object takes it. nullptr when there is no memory.
BIO* new_datagram_bio(DatagramPort& port);

}  // namespace telltale::rtc::dtls
