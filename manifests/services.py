# Made by tools/pieces.py: S3 and the other services.
# Include these as well: core, device, net, chunked, presign.
package(
    "sigv4_mp",
    (
        "services/__init__.py",
        "services/answer.py",
        "services/bodies.py",
        "services/bucket.py",
        "services/checkpoint.py",
        "services/client.py",
        "services/download.py",
        "services/fault.py",
        "services/listing.py",
        "services/multipart.py",
        "services/objects.py",
        "services/options.py",
        "services/put.py",
        "services/ranges.py",
        "services/s3.py",
        "services/streaming.py",
        "services/upload.py",
        "services/xml.py",
        "services/xmlbody.py",
    ),
    base_path="../lib",
)
