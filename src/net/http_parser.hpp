// HTTP/1.1 parsing (RFC 9112) without I/O, by Beast's parser: bytes in, messages out. What is
// ambiguous is refused, never guessed, because two readings of one stream are how requests are
// smuggled.
#pragma once

#include <memory>
#include <string>

#include "net/http.hpp"

namespace telltale::net {

class RequestParser {
 public:
  RequestParser(std::size_t header_limit, std::size_t body_limit);
  ~RequestParser();

  // Takes from the front of `buffer` what belongs to this request; the rest is the next one's.
  void feed(std::string& buffer);
  bool head_done() const;
  bool done() const;
  std::optional<Response>& refusal() noexcept {
    return refusal_;
  }  // it is no request of ours: answer this and close
  bool keep_alive() const;
  const Request& request() const noexcept { return request_; }
  Request take() { return std::move(request_); }

 private:
  struct Impl;
  void check_head();
  Request request_;
  std::optional<Response> refusal_;
  bool head_checked_ = false;
  std::unique_ptr<Impl> impl_;
};

class ResponseParser {
 public:
  ResponseParser(std::size_t header_limit,
                 bool to_head);  // to_head: the request was HEAD, no body follows
  ~ResponseParser();

  void feed(std::string& buffer);
  void feed_end();  // the peer closed: the regular end of some bodies
  bool head_done() const;
  bool done() const;
  bool keep_alive() const;
  const std::optional<base::Error>& error() const noexcept { return error_; }
  int status() const noexcept { return status_; }
  const Headers& headers() const noexcept { return headers_; }
  std::string take_body() { return std::exchange(body_, {}); }

 private:
  struct Impl;
  void begin();
  std::size_t header_limit_;
  bool to_head_;
  int status_ = 0;
  Headers headers_;
  std::string body_;
  std::optional<base::Error> error_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telltale::net
