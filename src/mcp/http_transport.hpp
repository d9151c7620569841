// Streamable HTTP, both eras (basic/transports/streamable-http of 2026-07-28, basic/transports of
// 2025-11-25). Every message is a POST of its own task; the answer is JSON or a stream. Legacy adds
// sessions, a stream of the server's own (GET), and streams that can be taken up again.
// http_transport.cpp sends, http_streams.cpp reads.
#pragma once

#include <map>

#include "mcp/http_headers.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "runtime/run.hpp"

namespace telltale::mcp {

class HttpTransport final : public Transport {
 public:
  HttpTransport(runtime::Loop& loop, HttpTarget target, TransportListener& listener);

  runtime::TaskResult<bool> open() override { co_return true; }
  base::Result<void> send(std::string text, SendHints hints) override;
  // Closes the stream of the answer: that is how a modern server hears of a cancellation.
  void abandon(std::int64_t id) override;
  void set_version(Era era, std::string version) override;
  void session_ready() override;
  runtime::Task<> close(base::Duration grace) override;
  TransportKind kind() const override { return TransportKind::http; }

 private:
  using Stream = std::unique_ptr<net::ClientStream>;

  // http_transport.cpp
  static runtime::Task<> run_post(HttpTransport* self, std::string text, SendHints hints,
                                  runtime::CancelSource cancel);
  static runtime::TaskResult<bool> post(HttpTransport* self, std::string text, SendHints hints);
  static runtime::TaskResult<Stream> open_post(HttpTransport* self, std::string text,
                                               SendHints hints);
  static runtime::TaskResult<bool> read_refusal(HttpTransport* self, Stream answer, SendHints hints,
                                                bool had_session);
  static runtime::TaskResult<bool> read_body(HttpTransport* self, Stream answer, SendHints hints);
  bool follow_redirect(const net::ClientStream& answer);
  void take_session_id(const net::Headers& headers);

  // http_streams.cpp
  static runtime::TaskResult<bool> read_answer_stream(HttpTransport* self, Stream stream,
                                                      std::optional<std::int64_t> id);
  static runtime::TaskResult<bool> drain(HttpTransport* self, Stream stream);
  static runtime::TaskResult<Stream> resume(HttpTransport* self, std::string last_event_id);
  static runtime::TaskResult<bool> listen(HttpTransport* self);
  static runtime::Task<> run_listen(HttpTransport* self, runtime::CancelSource cancel);
  void take_event(const net::SseEvent& event);

  HttpTarget target_;
  TransportListener& listener_;
  net::HttpClient client_;
  runtime::TaskGroup tasks_;
  std::map<std::int64_t, runtime::CancelSource> cancels_;
  std::optional<runtime::CancelSource> listening_;
  HttpVersion version_;
  bool closing_ = false;
};

}  // namespace telltale::mcp
