#include "lab/security/canary.hpp"

#include <fstream>

#include <stdlib.h>

#include "base/random.hpp"

namespace telltale::lab {

namespace fs = std::filesystem;

Canaries::Canaries(fs::path folder) : folder_(std::move(folder)), secret_(base::secure_token(18)) {}

base::Result<std::unique_ptr<Canaries>> Canaries::make(runtime::Loop& loop) {
  std::error_code failed;
  auto pattern = (fs::temp_directory_path(failed) / "telltale-canary-XXXXXX").string();
  if (failed || ::mkdtemp(pattern.data()) == nullptr)
    return base::fail(base::Code::unavailable, "no folder for the canary can be made");
  std::unique_ptr<Canaries> out(new Canaries(pattern));
  std::ofstream(out->file()) << out->secret_ << "\n";
  if (!fs::exists(out->file(), failed))
    return base::fail(base::Code::unavailable, "the canary cannot be written to " + out->file());
  auto server = net::HttpServer::open(
      {.port = 0}, {&loop},
      [self = out.get()](net::Request request) { return answer(self, std::move(request)); });
  if (!server) return std::unexpected(server.error());
  out->server_ = std::move(*server);
  return out;
}

Canaries::~Canaries() {
  std::error_code ignored;  // a folder that is gone already is as good
  fs::remove_all(folder_, ignored);
}

void Canaries::start() {
  server_->start();
}

runtime::Task<> Canaries::stop() {
  co_await server_->stop(std::chrono::milliseconds(0));
}

std::string Canaries::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + "/" + secret_;
}

bool Canaries::trap_made() {
  std::error_code failed;
  return fs::remove(trap(), failed);
}

// Somebody else on this machine who asks at the port does not know the path.
runtime::Task<net::Response> Canaries::answer(Canaries* self, net::Request request) {
  if (!request.target.contains(self->secret_)) co_return net::Response{.status = 404};
  self->asked_ = true;
  net::Response out{.status = 200, .body = self->secret_};
  out.headers.set("content-type", "text/plain");
  co_return out;
}

}  // namespace telltale::lab
