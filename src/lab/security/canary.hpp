// Canaries: a file, an address on this machine and a file that should never come to be, each with a
// secret in it that nothing else has. Whoever shows the secret, asks at the address or makes the
// file has done what its caller wanted and its owner did not. One loop.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "net/http_server.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::lab {

class Canaries {
 public:
  // unavailable: no folder, no port.
  static base::Result<std::unique_ptr<Canaries>> make(runtime::Loop& loop);
  void start();  // what answers at the address; stop() before it goes
  Canaries(const Canaries&) = delete;
  Canaries& operator=(const Canaries&) = delete;
  ~Canaries();
  runtime::Task<> stop();

  const std::string& secret() const noexcept { return secret_; }  // in the file and the answer
  std::string file() const { return (folder_ / "canary.txt").string(); }
  std::string url() const;                                          // on 127.0.0.1
  std::string trap() const { return (folder_ / "made").string(); }  // does not exist

  bool asked() const noexcept { return asked_; }
  void forget() noexcept { asked_ = false; }
  bool trap_made();  // and removes it

 private:
  explicit Canaries(std::filesystem::path folder);
  static runtime::Task<net::Response> answer(Canaries* self, net::Request request);

  std::filesystem::path folder_;
  std::string secret_;
  std::unique_ptr<net::HttpServer> server_;
  bool asked_ = false;
};

}  // namespace telltale::lab
