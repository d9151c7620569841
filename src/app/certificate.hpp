// CertificateWatch: keeps the certificate of our port fresh. The files are looked at every two
// seconds and on SIGHUP; a pair that fits is taken for new connections, anything else is reported
// and the old one stays. Warns 30, 7 and 1 days before the end. Runs on loop 0 as a task of the
// app; record() may be called from any thread.
#pragma once

#include <string>

#include "bus/bus.hpp"
#include "net/http_server.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::app {

// The line that the days left have crossed: 30, 7, 1 or 0 (ended); nothing when it is far.
std::optional<int> expiry_warning(base::WallTime not_after, base::WallTime now);

class CertificateWatch {
 public:
  CertificateWatch(net::HttpServer& http, net::TlsSettings files, runtime::Runtime& runtime,
                   bus::Bus& bus);
  static runtime::Task<> run(CertificateWatch* self);
  void look_now();                  // on loop 0
  base::JsonObject record() const;  // for /readyz

 private:
  static std::string stamp(const net::TlsSettings& files);
  void reload_done(const base::Result<void>& result);
  void warn_of_expiry();

  net::HttpServer& http_;
  net::TlsSettings files_;
  runtime::Runtime& runtime_;
  bus::Bus& bus_;
  runtime::Notifier asked_;
  bool forced_ = false;
  std::string taken_;  // stamp of what was last tried
  std::optional<int> warned_;
};

}  // namespace telltale::app
