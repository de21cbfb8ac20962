/** What a scan may be called: up to 64 characters on one line, none of which moves a terminal. */
export const SCAN_NAME = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,64}$/;
