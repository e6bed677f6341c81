# Freeze the library into a firmware:  require("sigv4_mp")  after  add_library(), or
# include("path/to/this/manifest.py")  in a board's manifest.
metadata(
    description="AWS Signature Version 4 for microcontrollers",
    version="0.1.0",
    license="MIT",
    pypi="sigv4_mp",
)

package("sigv4_mp", base_path="lib")
