// A listening TCP socket of one loop. Several loops listen on one port (SO_REUSEPORT) and the
// kernel spreads connections over them. Running out of descriptors neither spins nor leaves clients
// hanging: a reserve descriptor is given up to take each waiting connection and close it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/descriptor.hpp"

namespace telltale::net {

class Listener {
 public:
  struct Accepted {
    int fd = -1;
    std::string remote_address;
  };

  // `exclusive`: somebody else on this port is an error, although both could share it.
  static base::Result<std::unique_ptr<Listener>> open(runtime::Loop& loop, const std::string& host,
                                                      std::uint16_t port, bool exclusive);
  // A socket that listens already (systemd socket activation); each loop gets a copy.
  static base::Result<std::unique_ptr<Listener>> adopt(runtime::Loop& loop, int fd);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  std::uint16_t port() const noexcept { return port_; }
  // Hands connections out until close() or cancellation.
  runtime::Task<> accept(std::function<void(Accepted)> take);
  void close();

 private:
  Listener(runtime::Loop& loop, int fd, std::uint16_t port);
  void shed();

  Descriptor descriptor_;
  std::uint16_t port_;
  int reserve_ = -1;
  bool closed_ = false;
};

}  // namespace telltale::net
