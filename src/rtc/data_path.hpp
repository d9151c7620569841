// What runs over DTLS beside media: SCTP with data channels (RFC 8831). The session hands it the
// application data of its DTLS connection and the time; it hands back datagrams for DTLS. Owned by
// a Session, on its loop, no I/O. The seam between the transport and sctp/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "rtc/bytes.hpp"

namespace telltale::rtc {

class DataPath {
 public:
  using Send = std::function<void(Bytes datagram)>;  // one DTLS message each

  virtual ~DataPath() = default;
  virtual void on_connected(base::SteadyTime now) = 0;  // DTLS is there
  virtual void on_data(Bytes datagram, base::SteadyTime now) = 0;
  virtual void on_time(base::SteadyTime now) = 0;
  virtual std::optional<base::SteadyTime> next_deadline() const = 0;
  virtual void close(base::SteadyTime now) = 0;
};

}  // namespace telltale::rtc
